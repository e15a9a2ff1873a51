/*
 * The lane protocol of shm/lane.h, to be checked by spin.
 *
 *   parent ---- dealt, closed, notify, drained, bell ----> worker l
 *      ^                                                      |
 *      +--- slots (started, committed, end), ring, waiting ---+
 *      +--- doorbell (all workers ring it)       alarm (a worker has died)
 *
 * Every process has a store buffer: a store goes into it and reaches memory
 * some time later, in order, while loads go straight to memory.  So a store
 * may be passed by any later load, unless FENCE empties the buffer in between.
 * That is the store buffer of x86 (TSO).  The bump of a bell is an addition
 * that does not empty the buffer, which x86 would not do, so that the fence
 * behind it has to earn its place; a ring, and arming, do empty it.  Slots'
 * ends and frames go to memory at once, which is allowed more than TSO allows.
 *
 * Not modelled: hostile words (tests/unit does that), the bytes of a batch,
 * and time.  No wait has a deadline, so a lost wake-up is a deadlock.
 *
 * A word that somebody sleeps on is reduced to one bit: whether it differs
 * from what the sleeper loaded.  An atomic sequence makes at most one access
 * to shared memory that another process could tell apart; storing into one's
 * own buffer is not such an access.
 *
 *   property                                   how it is checked
 *   1  every file is emitted once or lost once,   assert(exactly_once)
 *      and what is emitted has all its frames
 *   2  in the order of the sequence               assert(in_order)
 *   3  no wake-up is lost                         invalid end states,
 *      and the parent does not sleep through        assert(no_wake_up_lost)
 *      the batch that it asked a ring for
 *   4  files lost <= deaths                       assert(lost_within_deaths)
 *   5  a file that killed is not searched again   assert(killer_not_retried)
 *   6  it ends                                    non-progress cycles
 *
 * Of 6: nothing here is labelled progress, so a non-progress cycle is any cycle
 * at all.  Without cycles each run is finite; without invalid end states it
 * finishes where the parent has settled every file.  No fairness is assumed.
 *
 * Each MUTATE_ macro breaks one thing; tests/model/check names the property
 * that must find it.
 */

/*
 * A scenario: how many batches, deaths, and frames that a results ring holds;
 * LONE has all batches in one lane.
 */
#ifndef BATCHES
#define BATCHES		3
#endif
#ifndef DEATHS
#define DEATHS		1
#endif
#ifndef ROOM
#define ROOM		1
#endif
#ifndef DEPTH
#define DEPTH		1	/* stores that a store buffer holds */
#endif

#define LANES		2
#define SLOTS		2	/* LANE_SLOTS */
#define FILES		4

#ifdef LONE
#define lane_of(s)	0
#else
#define lane_of(s)	((s) == 0 -> 0 : 1)
#endif

/* Batch 0 is file 0, batch 1 files 1 and 2, batch 2 file 3. */
#define files_of(s)	((s) == 1 -> 2 : 1)
#define first_of(s)	((s) == 0 -> 0 : ((s) == 1 -> 1 : ((s) == 2 -> 3 : 4)))
/* Frames: more than the ring holds, none, as many as it holds, one. */
#define frames_of(f)	((f) == 0 -> ROOM + 1 : ((f) == 1 -> 0 : ((f) == 2 -> ROOM : 1)))

#define tagged(s, n)	((s) * 4 + (n))
#define tag(w)		((w) / 4)
#define count(w)	((w) % 4)

#define slot(l, b)	((l) * SLOTS + (b) % SLOTS)
#define place(l, p)	((l) * ROOM + (p) % ROOM)
#define job(l, b)	((l) * BATCHES + (b))

/* A bell: nobody has loaded it; it is as loaded; it has been bumped since. */
#define IDLE		0
#define LOADED		1
#define BUMPED		2

#define AWAKE		0
#define WANTS_BATCH	1
#define WANTS_ROOM	2

/* Shared memory: the words that pass through a store buffer. */
#define dealt(l)	(l)
#define closed(l)	(2 + (l))
#define notify(l)	(4 + (l))
#define drained(l)	(6 + (l))
#define waiting(l)	(8 + (l))
#define committed(l, b)	(10 + slot(l, b))
byte word[10 + LANES * SLOTS];

/* The parent's other words. */
byte bell[LANES];
byte jobs[LANES * BATCHES];	/* the sequence of each batch of a lane */

/* The workers' other words. */
byte started[LANES * SLOTS];
byte end[LANES * SLOTS];
byte frames[LANES * ROOM];	/* which frame of which file */

/* The doorbell: bit W, and whether it differs from what the parent armed. */
bit door_waits;
bit door_rung;

/* The kernel: who sleeps, who runs, who is a zombie; SIGCHLD bumps alarm. */
bit asleep[LANES];
bit parent_asleep;
bit forked[LANES];
bit vacate[LANES];		/* to be forked when all results are written out */
bit killed[LANES];
bit zombie[LANES];
bit alarm;

/* The parent's private memory; a child inherits a copy. */
bit running[LANES];
byte work[LANES];
byte back[LANES];
byte done[BATCHES];
byte read_end[LANES];
byte read_drained[LANES];

/* For the checks alone. */
#define UNKNOWN		0
#define EMITTED		1
#define LOST		2
byte searching[LANES];		/* the file that a worker is on, plus 1 */
bit killer[FILES];
byte deaths;
byte wanted[LANES];		/* the batch that the parent asks a ring for */
byte passed[LANES];		/* batches behind the worker's choice to ring */
bit exactly_once = 1;
bit in_order = 1;
bit no_wake_up_lost = 1;
bit lost_within_deaths = 1;
bit killer_not_retried = 1;

#define frame_of(f, part)	((f) * 4 + (part))
#define frame_file(frame)	((frame) / 4)
#define frame_part(frame)	((frame) % 4)

/* The store buffers. */
#define PARENT		LANES
chan buffer[3] = [DEPTH] of { byte, byte };	/* word, value */

inline reach_memory(who)
{
	buffer[who]?index_, value_;
	word[index_] = value_;
	index_ = 0;
	value_ = 0
}

inline flush(who)
{
	index_ = 0;
	do
	:: len(buffer[who]) > 0 -> reach_memory(who)
	:: else -> break
	od;
	index_ = 0
}

#define FENCE(who)	d_step { flush(who) }

/* A full buffer makes room by letting its oldest store reach memory. */
inline STORE(who, index, value)
{
	if
	:: full(buffer[who]) -> reach_memory(who)
	:: nfull(buffer[who])
	fi;
	buffer[who]!index, value
}

/* Stores reach memory whenever they like. */
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

/* A worker is killed at any instruction; what it has stored is in memory. */
inline die(l)
{
	deaths < DEATHS && running[l] && !killed[l] && !zombie[l];
	flush(l);
	deaths++;
	if
	:: searching[l] > 0 -> killer[searching[l] - 1] = 1
	:: else
	fi;
	searching[l] = 0;
	asleep[l] = 0;
	bell[l] = IDLE;
	forked[l] = 0;
	killed[l] = 1;
	zombie[l] = 1;
	alarm = 1;
	parent_asleep = 0
}

active proctype fate_of_workers()
{
	byte index_, value_;

end_fate:
	do
	:: d_step { die(0) }
	:: d_step { die(1) }
	od
}

/* doorbell_ring: a locked addition, then a wake-up if W was set. */
inline ring(l)
{
	d_step {
		flush(l);
		if
#ifdef MUTATE_RING_UNCOUNTED
		:: door_waits -> parent_asleep = 0
#else
		:: door_waits -> parent_asleep = 0; door_rung = 1
#endif
		:: else
		fi
	}
}

/*
 * The loop of wait_for in shm/lane_worker.c, behind the load of the bell: the
 * worker says why it waits, looks again, and sleeps.
 */
inline sleep_unless(l, why, ready)
{
	atomic {
		STORE(l, waiting(l), why)
#ifndef MUTATE_NO_WAITING_FENCE
		;
		FENCE(l)
#endif
	};
	if
	:: ready
	:: else ->
		if
		:: d_step { bell[l] == LOADED -> asleep[l] = 1 };
			!asleep[l]
		:: bell[l] == BUMPED	/* EAGAIN */
		fi
	fi;
	atomic { bell[l] = IDLE; STORE(l, waiting(l), AWAKE) }
}

/* A ring that the parent asked for, and that has not come. */
#define unheard(l)	(wanted[l] > 0 && passed[l] >= wanted[l])

#define batch_ready(l)	(word[dealt(l)] > batch || word[closed(l)])
#define room_ready(l)	(pos - word[drained(l)] < ROOM)

inline wait_for_room(l)
{
#ifndef MUTATE_NO_RING_FOR_ROOM
	ring(l);
#endif
	do
	:: atomic { room_ready(l); room = word[drained(l)]; break }
	:: atomic { !room_ready(l); bell[l] = LOADED };
		sleep_unless(l, WANTS_ROOM, room_ready(l))
	od
}

/* lane_worker_start: started is looked at after a death only. */
inline start(l)
{
	searching[l] = first_of(s) + file + 1;
	killer_not_retried = !killer[searching[l] - 1];
	assert(killer_not_retried);
	started[slot(l, batch)] = tagged(s, file + 1)
}

/* A frame's bytes, then end. */
inline write_frame(l)
{
	frames[place(l, pos)] = frame_of(first_of(s) + file, part);
	part++;
	pos++;
#ifdef MUTATE_COMMIT_BEFORE_END
	if
	:: part == frames_of(first_of(s) + file)
	:: else -> end[slot(l, batch)] = pos
	fi
#else
	end[slot(l, batch)] = pos
#endif
}

/* lane_worker_commit, up to the fence behind the last file of a batch. */
inline commit(l)
{
	searching[l] = 0;
	part = 0;
	file++;
	STORE(l, committed(l, batch), tagged(s, file))
#ifndef MUTATE_NO_COMMIT_FENCE
	;
	if
	:: file == files_of(s) -> FENCE(l)
	:: else
	fi
#endif
}

inline search_file(l)
{
	atomic { start(l) };
	do
	:: atomic { part < frames_of(first_of(s) + file) && pos - room < ROOM; write_frame(l) }
	:: atomic { part < frames_of(first_of(s) + file) && pos - room == ROOM; room = word[drained(l)] };
		if
		:: pos - room == ROOM -> wait_for_room(l)
		:: else
		fi
	:: atomic { part == frames_of(first_of(s) + file); commit(l); break }
	od
#ifdef MUTATE_COMMIT_BEFORE_END
	;
	end[slot(l, batch)] = pos
#endif
}

active [LANES] proctype worker()
{
	byte l = _pid - 2;
	byte batch, file, s, pos, room, part;
	byte index_, value_;

end_worker:
	atomic {
		/* lane_worker_open */
		forked[l];
		forked[l] = 0;
		killed[l] = 0;
		batch = work[l];
		file = (work[l] < back[l] -> done[jobs[job(l, work[l])]] : 0);
		pos = read_end[l];
		room = read_drained[l]
	};
	{
		do
		:: atomic {
			/* lane_worker_next */
			word[dealt(l)] > batch;
			s = jobs[job(l, batch)];
			end[slot(l, batch)] = pos;
			started[slot(l, batch)] = tagged(s, file);
			STORE(l, committed(l, batch), tagged(s, file))
		   };
			do
			:: file < files_of(s) -> search_file(l)
			:: else -> break
			od;
			if
			:: batch + 1 >= word[notify(l)] -> ring(l)
			:: else
			fi;
			atomic {
				batch++;
				file = 0;
				s = 0;
				passed[l] = batch;
				no_wake_up_lost = !(parent_asleep && unheard(l));
				assert(no_wake_up_lost)
			}
		:: atomic { word[dealt(l)] <= batch && !word[closed(l)]; bell[l] = LOADED };
			sleep_unless(l, WANTS_BATCH, batch_ready(l))
		:: atomic { word[dealt(l)] <= batch && word[closed(l)]; break }
		od;
		atomic {
			FENCE(l);
			zombie[l] = 1;
			alarm = 1;
			parent_asleep = 0
		}
	} unless {
		killed[l]
	};
	atomic {
		batch = 0;
		file = 0;
		s = 0;
		pos = 0;
		room = 0;
		part = 0;
		index_ = 0;
		value_ = 0;
		goto end_worker
	}
}

/* wake in shm/lane_parent.c, behind the store that it is about. */
inline wake(l, reason)
{
	atomic {
		bell[l] = (bell[l] == LOADED -> BUMPED : bell[l])
#ifndef MUTATE_NO_WAKE_FENCE
		;
		FENCE(PARENT)
#endif
	};
	if
	:: word[waiting(l)] == reason -> asleep[l] = 0
	:: else
	fi
}

/* What an update makes of the two words. */
inline believe(l)
{
	read_end[l] = e;
	done[b] = (count(c) > done[b] -> count(c) : done[b]);
	if
	:: done[b] == files_of(b) -> batch_end[b] = e; work[l]++
	:: else
	fi
}

/* lane_parent_update: committed first, then end, so that end covers it. */
inline update(l)
{
	do
	:: atomic {
		work[l] < back[l];
		b = jobs[job(l, work[l])];
#ifdef MUTATE_END_FIRST
		e = end[slot(l, work[l])]
	   };
		atomic {
			c = word[committed(l, work[l])];
			if
			:: tag(c) != b -> break
			:: else
			fi;
#else
		c = word[committed(l, work[l])];
		if
		:: tag(c) != b -> break
		:: else
		fi
	   };
		atomic {
			e = end[slot(l, work[l])];
#endif
			believe(l);
			if
			:: done[b] < files_of(b) -> break
			:: else
			fi
		}
	:: else -> break
	od
}

inline lose(f)
{
	exactly_once = (fate[f] == UNKNOWN);
	assert(exactly_once);
	fate[f] = LOST;
	lost_files++;
	lost_within_deaths = (lost_files <= deaths);
	assert(lost_within_deaths)
}

/* lane_parent_vacant: the new process cannot change what the one before wrote. */
inline fork_when_vacant(l)
{
	if
	:: vacate[l] && read_drained[l] == read_end[l] -> vacate[l] = 0; forked[l] = 1
	:: else
	fi
}

/* lane_parent_settle; then a new process, if there is anything left to do. */
inline settle(l)
{
	word[waiting(l)] = AWAKE;
	update(l);
	if
	:: work[l] < back[l] ->
		b = jobs[job(l, work[l])];
		c = started[slot(l, work[l])];
		if
		:: tag(c) == b && count(c) > done[b] ->
#ifndef MUTATE_RETRY
			lose(first_of(b) + done[b]);
#ifdef MUTATE_DOUBLE_LOSS
			lose(first_of(b) + done[b]);
#endif
			done[b]++
#ifdef MUTATE_LOSE_BATCH
			;
			do
			:: done[b] < files_of(b) ->
				lose(first_of(b) + done[b]);
				done[b]++
			:: else -> break
			od
#endif
#endif
		:: else
		fi;
		end[slot(l, work[l])] = read_end[l];
		started[slot(l, work[l])] = tagged(b, done[b]);
		word[committed(l, work[l])] = tagged(b, done[b]);
		update(l)
	:: else
	fi;
	progress = 1;
	zombie[l] = 0;
	running[l] = (!ended || work[l] < back[l]);
	vacate[l] = running[l];
	fork_when_vacant(l)
}

#define limit(l)	(front[l] < work[l] -> batch_end[s] : read_end[l])
#define next_frame(l)	frames[place(l, read_pos[l])]

/* lane_parent_read, until it returns 0. */
inline read_frames(l)
{
	do
	:: read_pos[l] < limit(l) && frame_file(next_frame(l)) <= first_of(s) + done[s] ->
		b = frame_file(next_frame(l));
		in_order = (b >= last_file);
		assert(in_order);
		exactly_once = (b >= first_of(s) && frame_part(next_frame(l)) == seen[b]);
		assert(exactly_once);
		seen[b]++;
		last_file = b;
		next_frame(l) = 0;
		read_pos[l]++;
		progress = 1
	:: else -> break
	od
}

/* lane_parent_finish: what was not lost has been emitted. */
inline finish(l)
{
	in_order = (s == emitted);
	assert(in_order);
	b = first_of(s);
	do
	:: b < first_of(s) + files_of(s) ->
		if
		:: fate[b] != LOST ->
			exactly_once = (fate[b] == UNKNOWN && seen[b] == frames_of(b));
			assert(exactly_once);
			fate[b] = EMITTED
		:: else
		fi;
		b++
	:: else -> break
	od;
	emitted++;
	front[l]++;
	progress = 1
}

/* The head of the line, as far as its worker has come. */
inline drain(l)
{
	update(l);
	atomic {
		s = jobs[job(l, front[l])];
		read_frames(l);
		if
		:: front[l] < work[l] && read_pos[l] == batch_end[s] -> finish(l)
		:: else
		fi;
		b = 0;
		c = 0;
		e = 0;
		s = 0;
		/* lane_parent_release: what was read is written out. */
		released = (read_drained[l] != read_pos[l]);
		if
		:: released ->
			read_drained[l] = read_pos[l];
			STORE(PARENT, drained(l), read_pos[l])
		:: else
		fi;
		fork_when_vacant(l)
	};
	if
	:: released -> released = 0; wake(l, WANTS_ROOM)
	:: else
	fi
}

/* lane_parent_notify for the lane at the head of the line, and for another. */
inline notify_next(l)
{
	STORE(PARENT, notify(l), work[l] + 1)
}

inline notify_all(l)
{
	if
	:: work[l] < back[l] -> STORE(PARENT, notify(l), back[l])
	:: else
	fi
}

inline arm()
{
	atomic {
		if
		:: emitted < BATCHES ->
			lane = lane_of(emitted);
			notify_all(1 - lane);
			notify_next(lane);
			wanted[lane] = work[lane] + 1;
			lane = 0
		:: else
		fi;
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
	wanted[0] = 0;
	wanted[1] = 0;
	armed = 0
}

#define in_flight(l)	(back[l] - front[l])

active proctype parent()
{
	byte front[LANES], batch_end[BATCHES], read_pos[LANES];
	byte fate[FILES], seen[FILES];	/* seen: frames emitted */
	byte emitted, last_file, lost_files;
	byte next, lane, b, c, e, s;
	bit progress, armed, ended, released;
	byte index_, value_;

	atomic {
		forked[0] = 1;
		running[0] = 1
#ifndef LONE
		;
		forked[1] = 1;
		running[1] = 1
#endif
	};
	do
	:: atomic {
		/* Words to sleep on are loaded before anything is looked at. */
#ifndef MUTATE_STALE_ALARM
		alarm = 0;
#endif
		progress = 0;
		if
		:: zombie[0] -> settle(0)
		:: else
		fi;
		if
		:: zombie[1] -> settle(1)
		:: else
		fi;
		b = 0;
		c = 0;
		e = 0;
		if
		:: emitted == BATCHES && !running[0] && !running[1] -> break
		:: else
		fi;
		/* lane_parent_deal */
		lane = lane_of(next);
		if
		:: next < BATCHES && in_flight(lane) < SLOTS ->
			jobs[job(lane, back[lane])] = next;
			next++;
			back[lane]++;
			progress = 1;
			STORE(PARENT, dealt(lane), back[lane])
		:: else -> lane = LANES
		fi
	   };
		if
		:: lane < LANES -> wake(lane, WANTS_BATCH)
		:: else
		fi;
		/* lane_parent_end */
		if
		:: next == BATCHES && !ended ->
			ended = 1;
			atomic { STORE(PARENT, closed(0), 1) };
			wake(0, WANTS_BATCH);
			atomic { STORE(PARENT, closed(1), 1) };
			wake(1, WANTS_BATCH)
		:: else
		fi;
		if
#ifdef MUTATE_IGNORE_SEQUENCE
		:: in_flight(0) > 0 -> lane = 0; drain(lane)
		:: in_flight(1) > 0 -> lane = 1; drain(lane)
#else
		:: emitted < next -> lane = lane_of(emitted); drain(lane)
#endif
		:: else
		fi;
		lane = 0;
		if
		:: atomic { progress && armed; disarm() }
		:: progress && !armed
		:: !progress && !armed -> arm()
		:: !progress && armed ->
			/* doorbell_wait */
			if
			:: atomic {
				!door_rung && !alarm;
				parent_asleep = 1;
				no_wake_up_lost = !(unheard(0) || unheard(1));
				assert(no_wake_up_lost)
			   };
				atomic { !parent_asleep; disarm() }
			:: atomic { door_rung || alarm; disarm() }
			fi
		fi
	od;
	/* Not one file was forgotten. */
	atomic {
		do
		:: b < first_of(BATCHES) ->
			exactly_once = (fate[b] != UNKNOWN);
			assert(exactly_once);
			b++
		:: else -> break
		od
	}
}
