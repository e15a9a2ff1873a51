/*
 * Sums of shm/lane.h, to be checked by spin: links of a chain, dealt to two
 * lanes in turn, are counted, and want the sum of those before them.
 *
 *   parent ---- base, based, asked, bell ----> worker l
 *      ^                                          |
 *      +---- counted, done, waiting, doorbell ----+
 *
 * Store buffers, bells and the doorbell are those of lane.pml.  All links are
 * dealt at the start, nothing is written, and a worker rings for what it has
 * completed only when its lane is empty, which is as late as it may: so what
 * wakes the parent before that is this protocol alone.
 *
 *   property                                   how it is checked
 *   1  a base is the sum of what was counted      assert(base_right)
 *      before, each count once
 *   2  no wake-up is lost, and no link waits      invalid end states,
 *      for ever for its base; nor does the          assert(no_wake_up_lost)
 *      parent sleep while one waits unheard,
 *      or through the count that it asked for
 *   3  it ends                                    non-progress cycles
 */
#ifndef LINKS
#define LINKS		4
#endif
#ifndef DEATHS
#define DEATHS		1
#endif
#ifndef DEPTH
#define DEPTH		1
#endif

#define LANES		2
#define lane_of(s)	((s) % LANES)
#define place_of(s)	((s) / LANES)	/* in its lane */
#define link_of(l, b)	((b) * LANES + (l))
#define length_of(l)	((LINKS + 1 - (l)) / LANES)

#define IDLE		0
#define LOADED		1
#define BUMPED		2

/* Words that pass through a store buffer. */
#define based(l)	(l)
#define asked(l)	(2 + (l))
#define waiting(l)	(4 + (l))
#define base(s)		(6 + (s))
#define counted(s)	(6 + LINKS + (s))
#define done(s)		(6 + 2 * LINKS + (s))
byte word[6 + 3 * LINKS];

byte bell[LANES];
bit door_waits, door_rung;
bit asleep[LANES], parent_asleep;
bit dead[LANES], dies[LANES];
bit alarm;
byte deaths;
byte next[LANES];	/* where a new worker begins: the parent's */
bit has_counted[LINKS];	/* for the check alone */
bit base_right = 1;
bit waits[LANES];	/* it has rung, and wants a base */
bit passed[LINKS];	/* counted, behind the worker's choice to ring */
byte asking;		/* the link that the parent asks a ring for, plus 1 */
bit no_wake_up_lost = 1;

/* A ring that the parent asked for, and that has not come. */
#define unheard		(asking > 0 && passed[asking - 1])

#define PARENT		LANES
chan buffer[3] = [DEPTH] of { byte, byte };

inline reach_memory(who)
{
	buffer[who]?index_, value_;
	word[index_] = value_;
	index_ = 0;
	value_ = 0
}

inline flush(who)
{
	do
	:: len(buffer[who]) > 0 -> reach_memory(who)
	:: else -> break
	od
}

#define FENCE(who)	d_step { flush(who) }

inline STORE(who, index, value)
{
	if
	:: full(buffer[who]) -> reach_memory(who)
	:: nfull(buffer[who])
	fi;
	buffer[who]!index, value
}

active proctype memory()
{
	byte index_, value_;

end_memory:
	do
	:: d_step { len(buffer[0]) > 0 -> reach_memory(0) }
	:: d_step { len(buffer[1]) > 0 -> reach_memory(1) }
	:: d_step { len(buffer[PARENT]) > 0 -> reach_memory(PARENT) }
	od
}

inline ring(l)
{
	d_step {
		flush(l);
		if
		:: door_waits -> parent_asleep = 0; door_rung = 1
		:: else
		fi
	}
}

#define is_based(l)	(word[based(l)] > batch)

/* wait_for, for a base: says so, rings, then sleeps unless it has come. */
inline wait_for_base(l)
{
	atomic {
		STORE(l, waiting(l), 1);
		FENCE(l)
	};
#ifndef MUTATE_NO_RING_FOR_BASE
	ring(l);
#endif
	waits[l] = 1;
	do
	:: is_based(l) -> break
	:: atomic { !is_based(l); bell[l] = LOADED };
		atomic { STORE(l, waiting(l), 1); FENCE(l) };
		if
		:: is_based(l)
		:: else ->
			if
			:: d_step { bell[l] == LOADED -> asleep[l] = 1 };
				!asleep[l]
			:: bell[l] == BUMPED
			fi
		fi;
		bell[l] = IDLE
	od;
	atomic { waits[l] = 0; STORE(l, waiting(l), 0) }
}

/* lane_worker_count */
inline count(l, s)
{
	atomic {
		has_counted[s] = 1;
		STORE(l, counted(s), 1)
#ifndef MUTATE_NO_COUNT_FENCE
		;
		FENCE(l)
#endif
	};
	if
	:: word[asked(l)] -> ring(l)
	:: else
	fi;
	atomic {
		passed[s] = 1;
		no_wake_up_lost = !(parent_asleep && unheard);
		assert(no_wake_up_lost)
	}
}

/* All links before s, of those that have been counted. */
inline check_base(s)
{
	d_step {
		sum_ = 0;
		i_ = 0;
		do
		:: i_ < s -> sum_ = sum_ + has_counted[i_]; i_++
		:: else -> break
		od;
		base_right = (word[base(s)] == sum_);
		sum_ = 0;
		i_ = 0
	};
	assert(base_right)
}

active [LANES] proctype worker()
{
	byte l = _pid - 1, batch, s, sum_, i_;
	byte index_, value_;

end_worker:
	atomic { !dead[l]; batch = next[l] };
	{
		do
		:: batch < length_of(l) ->
			s = link_of(l, batch);
			/* Counted or not, before the base is wanted, or behind. */
			if
			:: count(l, s)
			:: skip
			fi;
			if
			:: wait_for_base(l); check_base(s)
			:: skip
			fi;
			atomic { STORE(l, done(s), 1); FENCE(l) };
			batch++;
			if
			:: batch == length_of(l) -> ring(l)
			:: else
			fi
		:: else -> break
		od;
end_idle:
		false
	} unless {
		dies[l]
	};
	atomic {
		flush(l);
		word[waiting(l)] = 0;
		dies[l] = 0;
		dead[l] = 1;
		asleep[l] = 0;
		bell[l] = IDLE;
		batch = 0;
		s = 0;
		sum_ = 0;
		i_ = 0;
		waits[l] = 0;
		alarm = 1;
		parent_asleep = 0;
		goto end_worker
	}
}

active proctype fate_of_workers()
{
end_fate:
	do
	:: atomic { deaths < DEATHS && !dead[0] && !dies[0]; deaths++; dies[0] = 1 }
	:: atomic { deaths < DEATHS && !dead[1] && !dies[1]; deaths++; dies[1] = 1 }
	od
}

/* lane_parent_update, of the two words. */
inline update(l)
{
	do
	:: work[l] < length_of(l) ->
		s = link_of(l, work[l]);
		if
		:: word[counted(s)] && !known[s] -> known[s] = 1
		:: else
		fi;
		if
		:: word[done(s)] -> work[l]++; progress = 1
		:: else -> break
		fi
	:: else -> break
	od
}

/* lane_parent_settle: what it was on is lost; and a new one, if anything is left. */
inline settle(l)
{
	update(l);
	if
	:: work[l] < length_of(l) -> work[l]++
	:: else
	fi;
	update(l);
	next[l] = work[l];
	dead[l] = 0;
	progress = 1
}

#define has_count(s)	(known[s] || place_of(s) < work[lane_of(s)])
/* lane_parent_wants_base */
#define wants(l)	(work[l] < length_of(l) && work[l] >= gave[l] && word[waiting(l)])
#define wanted		(summed < LINKS && (wants(0) || wants(1)))
/* relay_is_ready */
#ifdef MUTATE_NO_SECOND_LOOK
#define is_ready	(wanted && has_count(summed))
#else
#define is_ready	(wanted && (in_ask != lane_of(summed) + 1 || has_count(summed)))
#endif

/* One that waits, has rung, and of which the parent takes no notice. */
#define unasked(l)	(waits[l] && gave[l] <= work[l] && asking == 0)

/* lane_parent_give_base and wake. */
inline give(s)
{
	atomic {
		gave[lane_of(s)] = place_of(s) + 1;
#ifdef MUTATE_BASED_FIRST
		STORE(PARENT, based(lane_of(s)), place_of(s) + 1);
		STORE(PARENT, base(s), sum)
#else
		STORE(PARENT, base(s), sum);
		STORE(PARENT, based(lane_of(s)), place_of(s) + 1)
#endif
	};
	atomic {
		bell[lane_of(s)] = (bell[lane_of(s)] == LOADED -> BUMPED : bell[lane_of(s)])
#ifndef MUTATE_NO_WAKE_FENCE
		;
		FENCE(PARENT)
#endif
	};
	if
	:: word[waiting(lane_of(s))] -> asleep[lane_of(s)] = 0
	:: else
	fi
}

inline arm()
{
	atomic {
		/* relay_ask */
		s = (wanted -> lane_of(summed) + 1 : 0);
		if
		:: in_ask > 0 && in_ask != s -> STORE(PARENT, asked(in_ask - 1), 0)
		:: else
		fi;
		if
		:: s > 0 && in_ask != s -> STORE(PARENT, asked(s - 1), 1)
		:: else
		fi;
		in_ask = s;
		s = 0
	};
	atomic {
		asking = (in_ask > 0 -> summed + 1 : 0);
#ifndef MUTATE_ARM_UNLOCKED
		FENCE(PARENT);
#endif
		door_waits = 1;
		door_rung = 0;
		armed = 1
	}
}

inline disarm()
{
	FENCE(PARENT);
	door_waits = 0;
	door_rung = 0;
	asking = 0;
	armed = 0
}

active proctype parent()
{
	byte work[LANES], gave[LANES], summed, sum, s, in_ask;
	bit known[LINKS], given, progress, armed;
	byte index_, value_;

	do
	:: atomic {
		alarm = 0;
		progress = 0;
		if
		:: dead[0] -> settle(0)
		:: else
		fi;
		if
		:: dead[1] -> settle(1)
		:: else
		fi
	   };
		atomic { update(0) };
		atomic { update(1); s = 0 };
		/* relay_sums */
		do
		:: summed < LINKS && !given -> give(summed); given = 1
		:: summed < LINKS && given && has_count(summed) ->
			atomic {
#ifdef MUTATE_COUNT_TWICE
				sum = sum + 2 * known[summed];
#else
				sum = sum + known[summed];
#endif
				given = 0;
				summed++;
				asking = 0
			}
		:: else -> break
		od;
		if
		:: work[0] == length_of(0) && work[1] == length_of(1) -> break
		:: else
		fi;
		if
		:: atomic { (progress || is_ready) && armed; disarm() }
		:: progress && !armed
		:: !progress && !armed -> arm()
		:: !progress && !is_ready && armed ->
			if
			:: atomic {
				!door_rung && !alarm;
				parent_asleep = 1;
				no_wake_up_lost = !(unheard || unasked(0) || unasked(1));
				assert(no_wake_up_lost)
			   };
				atomic { !parent_asleep; disarm() }
			:: atomic { door_rung || alarm; disarm() }
			fi
		fi
	od
}
