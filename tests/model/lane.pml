/*
 * The lane protocol of shm/lane.h, to be checked by spin.
 *
 *   parent ---- dealt, closed, notify, drained, bell ----> worker l
 *      ^                                                      |
 *      +--- slots (started, committed, end), ring, waiting ---+
 *      +--- doorbell (all workers ring it)       alarm (a worker has died)
 *
 * Every process that stores to shared words has a store buffer: a store goes
 * into it and reaches memory some time later, in order, while loads go
 * straight to memory.  So a store may be passed by any later load, unless
 * FENCE empties the buffer in between.  That is the store buffer of x86 (TSO);
 * the parent's bump of a bell is buffered too, which x86 would not do, so that
 * its fence has to earn its place.  The doorbell's operations are locked: they
 * empty the buffer and act on memory at once.
 *
 * What is not modelled: hostile words (tests/unit does that), the jobs ring as
 * bytes, and time.  No wait has a deadline, so a lost wake-up is a deadlock.
 *
 * Counting words that a waiter sleeps on are reduced to one bit: whether the
 * word has changed since the waiter loaded the value to sleep on.
 *
 *   property                                   how it is checked
 *   1  every file is emitted once or lost once    assert(exactly_once)
 *   2  in the order of the sequence               assert(in_order)
 *   3  no wake-up is lost                         invalid end states
 *   4  files lost <= deaths                       assert(lost_within_deaths)
 *   5  a file that killed is not searched again   assert(killer_not_retried)
 *   6  it ends                                    non-progress cycles
 *
 * Of 6: nothing here is labelled progress, so a non-progress cycle is any cycle
 * at all.  Without cycles each run is finite; without invalid end states it
 * finishes where the parent has settled every file.  No fairness is assumed.
 *
 * Each MUTATE_ macro breaks one thing; tests/model/check wants to see each one
 * found by the property named beside it in that script.
 */

#define LANES		2
#define BATCHES		3
#define FILES		4
#define SLOTS		2	/* LANE_SLOTS */
#define ROOM		2	/* frames that a results ring holds */
#define DEPTH		3	/* stores that a store buffer holds */

#ifndef DEATHS
#define DEATHS		1
#endif

/* Batch 0 is file 0, batch 1 files 1 and 2, batch 2 file 3. */
#define files_of(s)	((s) == 1 -> 2 : 1)
#define first_of(s)	((s) == 0 -> 0 : ((s) == 1 -> 1 : 3))
/* Frames: a stream longer than the ring, none, one with more to follow, one. */
#define frames_of(f)	((f) == 0 -> 3 : ((f) == 1 -> 0 : ((f) == 2 -> 2 : 1)))

#define tagged(s, n)	((s) * 4 + (n))
#define tag(w)		((w) / 4)
#define count(w)	((w) % 4)

#define slot(l, b)	((l) * SLOTS + (b) % SLOTS)
#define place(l, p)	((l) * ROOM + (p) % ROOM)
#define job(l, b)	((l) * BATCHES + (b))

#define AWAKE		0
#define WANTS_BATCH	1
#define WANTS_ROOM	2

/* Shared memory, the parent's words. */
byte dealt[LANES];
bit closed[LANES];
byte notify[LANES];
byte drained[LANES];
bit bumped[LANES];		/* bell differs from what the worker loaded */
byte jobs[LANES * BATCHES];	/* the sequence of each batch in a lane */

/* Shared memory, the workers' words. */
byte waiting[LANES];
byte started[LANES * SLOTS];
byte committed[LANES * SLOTS];
byte end[LANES * SLOTS];
byte ring_file[LANES * ROOM];
byte ring_part[LANES * ROOM];

/* The doorbell: bit W, and whether it differs from what the parent armed. */
bit door_waits;
bit door_rung;

/* The kernel: who sleeps, who runs, who is a zombie; SIGCHLD bumps alarm. */
bit asleep[LANES];
bit parent_asleep;
bit forked[LANES];
bit kill[LANES];
bit zombie[LANES];
bit running[LANES];
bit alarm;

/* The parent's private memory, as a child inherits it. */
byte front[LANES];
byte work[LANES];
byte back[LANES];
byte done[BATCHES];
byte batch_end[BATCHES];
byte read_pos[LANES];
byte read_end[LANES];
byte read_drained[LANES];

/* What only the checks know. */
#define UNKNOWN		0
#define EMITTED		1
#define LOST		2
byte fate[FILES];
byte seen[FILES];		/* frames emitted */
bit on_file[LANES];
byte current[LANES];		/* the file that a worker is on */
bit killer[FILES];
byte deaths;
byte lost_files;
byte emitted_batches;
byte last_file;
bit exactly_once = 1;
bit in_order = 1;
bit lost_within_deaths = 1;
bit killer_not_retried = 1;

/* Store buffers: which word, of which lane or slot, which value. */
#define PARENT		LANES
#define DEALT		0
#define CLOSED		1
#define NOTIFY		2
#define DRAINED		3
#define BELL		4
#define WAITING		5
#define COMMITTED	6
#define END		7
chan buffer[3] = [DEPTH] of { byte, byte, byte };

#define STORE(who, word, index, value)	buffer[who]!word, index, value

inline reach_memory(who)
{
	buffer[who]?word_, index_, value_;
	if
	:: word_ == DEALT -> dealt[index_] = value_
	:: word_ == CLOSED -> closed[index_] = 1
	:: word_ == NOTIFY -> notify[index_] = value_
	:: word_ == DRAINED -> drained[index_] = value_
	:: word_ == BELL -> bumped[index_] = 1
	:: word_ == WAITING -> waiting[index_] = value_
	:: word_ == COMMITTED -> committed[index_] = value_
	:: word_ == END -> end[index_] = value_
	fi;
	word_ = 0;
	index_ = 0;
	value_ = 0
}

inline flush(who)
{
	word_ = 0;
	do
	:: len(buffer[who]) > 0 -> reach_memory(who)
	:: else -> break
	od;
	word_ = 0
}

#define FENCE(who)	d_step { flush(who) }

/* Stores reach memory whenever they like. */
active [3] proctype memory()
{
	byte word_, index_, value_;

end_memory:
	do
	:: d_step { len(buffer[_pid]) > 0 -> reach_memory(_pid) }
	od
}

/* doorbell_ring: a locked addition, then a wake-up if W was set. */
inline ring(l)
{
	d_step {
		flush(l);
		door_rung = 1;
		rang = door_waits
#ifdef MUTATE_RING_CLEARS_W
		;
		door_rung = 0;
		door_waits = 0
#endif
	};
	if
	:: rang -> parent_asleep = 0
	:: else
	fi;
	rang = 0
}

/* The loop of wait_for in shm/lane_worker.c, around two ways to be ready. */
inline go_to_sleep(l)
{
	d_step { !bumped[l] -> asleep[l] = 1 };
	!asleep[l]
}

inline look_for_batch(l)
{
	ready = dealt[l] > batch;
	if
	:: !ready -> ready = closed[l]
	:: else
	fi
}

inline wait_for_batch(l)
{
	look_for_batch(l);
	do
	:: ready -> break
	:: else ->
		bumped[l] = 0;
		STORE(l, WAITING, l, WANTS_BATCH);
#ifndef MUTATE_NO_WAITING_FENCE
		FENCE(l);
#endif
		look_for_batch(l);
		if
		:: !ready ->
			if
			:: go_to_sleep(l)
			:: bumped[l]	/* EAGAIN */
			fi
		:: else
		fi;
		STORE(l, WAITING, l, AWAKE);
		look_for_batch(l)
	od;
	ready = 0
}

inline look_for_room(l)
{
	room = drained[l]
}

inline wait_for_room(l)
{
#ifndef MUTATE_NO_RING_FOR_ROOM
	ring(l);
#endif
	look_for_room(l);
	do
	:: pos - room < ROOM -> break
	:: else ->
		bumped[l] = 0;
		STORE(l, WAITING, l, WANTS_ROOM);
		FENCE(l);
		look_for_room(l);
		if
		:: pos - room == ROOM ->
			if
			:: go_to_sleep(l)
			:: bumped[l]
			fi
		:: else
		fi;
		STORE(l, WAITING, l, AWAKE);
		look_for_room(l)
	od
}

/* lane_worker_start: started needs no buffer, it is read after a death only. */
inline start(l)
{
	d_step {
		current[l] = first_of(s) + file;
		killer_not_retried = !killer[current[l]];
		assert(killer_not_retried);
		on_file[l] = 1;
		started[slot(l, batch)] = tagged(s, file + 1)
	}
}

inline write_frames(l)
{
	do
	:: part < frames_of(current[l]) ->
		if
		:: pos - room == ROOM ->
			look_for_room(l);
			if
			:: pos - room == ROOM -> wait_for_room(l)
			:: else
			fi
		:: else
		fi;
		atomic {
			ring_file[place(l, pos)] = current[l];
			ring_part[place(l, pos)] = part;
			part++;
			pos++
		};
#ifdef MUTATE_COMMIT_BEFORE_END
		if
		:: part == frames_of(current[l]) -> break
		:: else
		fi;
#endif
		STORE(l, END, slot(l, batch), pos)
	:: else -> break
	od;
	part = 0
}

/* lane_worker_commit, which rings for the batch that notify asks for. */
inline commit(l)
{
	atomic {
		STORE(l, COMMITTED, slot(l, batch), tagged(s, file + 1));
		on_file[l] = 0;
		file++
	}
#ifdef MUTATE_COMMIT_BEFORE_END
	;
	STORE(l, END, slot(l, batch), pos)
#endif
}

inline end_batch(l)
{
	batch++;
#ifndef MUTATE_NO_COMMIT_FENCE
	FENCE(l);
#endif
	if
	:: batch >= notify[l] -> ring(l)
	:: else
	fi
}

active [LANES] proctype worker()
{
	byte batch, file, s, pos, room, part;
	bit ready, rang;
	byte word_, index_, value_;
	byte l = _pid - 3;

end_worker:
	atomic {
		forked[l];
		forked[l] = 0;
		/* lane_worker_open */
		batch = work[l];
		file = (work[l] < back[l] -> done[jobs[job(l, work[l])]] : 0);
		pos = read_end[l];
		room = read_drained[l]
	};
	{
		do
		:: wait_for_batch(l);
			if
			:: dealt[l] <= batch -> break
			:: else
			fi;
			s = jobs[job(l, batch)];
			STORE(l, END, slot(l, batch), pos);
			d_step { started[slot(l, batch)] = tagged(s, file) };
			STORE(l, COMMITTED, slot(l, batch), tagged(s, file));
			do
			:: file < files_of(s) ->
				start(l);
				write_frames(l);
				commit(l)
			:: else -> break
			od;
			file = 0;
			end_batch(l)
		od
	} unless {
		kill[l]
	};
	atomic {
		/* What a dead process has stored is in memory. */
		flush(l);
		if
		:: on_file[l] -> killer[current[l]] = 1
		:: else
		fi;
		on_file[l] = 0;
		asleep[l] = 0;
		kill[l] = 0;
		batch = 0;
		file = 0;
		s = 0;
		pos = 0;
		room = 0;
		part = 0;
		ready = 0;
		rang = 0;
		word_ = 0;
		index_ = 0;
		value_ = 0;
		zombie[l] = 1;
		alarm = 1;
		parent_asleep = 0
	};
	goto end_worker
}

/* Kills workers at any instruction. */
active proctype fate_of_workers()
{
end_fate:
	do
	:: d_step { deaths < DEATHS && running[0] && !kill[0] && !zombie[0] -> kill[0] = 1; deaths++ }
	:: d_step { deaths < DEATHS && running[1] && !kill[1] && !zombie[1] -> kill[1] = 1; deaths++ }
	od
}

/* wake in shm/lane_parent.c. */
inline wake(l, reason)
{
	STORE(PARENT, BELL, l, 0);
#ifndef MUTATE_NO_WAKE_FENCE
	FENCE(PARENT);
#endif
	if
	:: waiting[l] == reason -> asleep[l] = 0
	:: else
	fi
}

/* lane_parent_deal, with lane_parent_end behind the last batch. */
inline deal(l)
{
	d_step {
		jobs[job(l, back[l])] = next;
		owner[next] = l;
		next++;
		back[l]++
	};
	STORE(PARENT, DEALT, l, back[l]);
	wake(l, WANTS_BATCH)
}

inline close_lane(l)
{
	STORE(PARENT, CLOSED, l, 1);
	wake(l, WANTS_BATCH)
}

/* lane_parent_update. */
inline update(l)
{
	do
	:: work[l] < back[l] ->
		b = jobs[job(l, work[l])];
#ifdef MUTATE_END_FIRST
		e = end[slot(l, work[l])];
		c = committed[slot(l, work[l])];
#else
		c = committed[slot(l, work[l])];
		e = end[slot(l, work[l])];
#endif
		d_step {
			if
			:: tag(c) == b ->
				read_end[l] = e;
				done[b] = (count(c) > done[b] -> count(c) : done[b])
			:: else
			fi;
			c = 0;
			e = 0
		};
		if
		:: done[b] < files_of(b) -> break
		:: else -> d_step { batch_end[b] = read_end[l]; work[l]++ }
		fi
	:: else -> break
	od;
	b = 0
}

/* A file is lost. */
inline lose(f)
{
	exactly_once = (fate[f] == UNKNOWN);
	assert(exactly_once);
	fate[f] = LOST;
	lost_files++;
	lost_within_deaths = (lost_files <= deaths);
	assert(lost_within_deaths)
}

/* lane_parent_settle; then a new process, if there is anything left to do. */
inline settle(l)
{
	waiting[l] = AWAKE;
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
		committed[slot(l, work[l])] = tagged(b, done[b]);
		b = 0;
		c = 0;
		update(l)
	:: else
	fi;
	zombie[l] = 0;
	running[l] = (next < BATCHES || work[l] < back[l]);
	forked[l] = running[l]
}

/* lane_parent_read until it returns 0. */
inline read_frames(l)
{
	b = 0;
	do
	:: read_pos[l] < (front[l] < work[l] -> batch_end[s] : read_end[l]) &&
	   ring_file[place(l, read_pos[l])] <= first_of(s) + done[s] ->
		b = ring_file[place(l, read_pos[l])];
		exactly_once = (ring_part[place(l, read_pos[l])] == seen[b]);
		assert(exactly_once);
		in_order = (b >= last_file);
		assert(in_order);
		seen[b]++;
		last_file = b;
		read_pos[l]++;
		progress = 1
	:: else -> break
	od;
	b = 0
}

/* lane_parent_release: what was read is written out. */
inline release(l)
{
	if
	:: read_drained[l] != read_pos[l] ->
		read_drained[l] = read_pos[l];
		STORE(PARENT, DRAINED, l, read_pos[l]);
		wake(l, WANTS_ROOM)
	:: else
	fi
}

/* lane_parent_finish: what was not lost has been emitted. */
inline finish(l)
{
	in_order = (s == emitted_batches);
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
	b = 0;
	emitted_batches++;
	front[l]++;
	progress = 1
}

/* The head of the line, as far as its worker has come. */
inline drain(l)
{
	update(l);
	s = jobs[job(l, front[l])];
	d_step { read_frames(l) };
	release(l);
	if
	:: front[l] < work[l] && read_pos[l] == batch_end[s] -> d_step { finish(l) }
	:: else
	fi;
	s = 0
}

#define in_flight(l)	(back[l] - front[l])

/* lane_parent_notify: the head of the line rings for its next batch. */
inline notify_lane(l)
{
	if
	:: owner[emitted_batches] == l -> STORE(PARENT, NOTIFY, l, work[l] + 1)
	:: owner[emitted_batches] != l && work[l] < back[l] -> STORE(PARENT, NOTIFY, l, back[l])
	:: else
	fi
}

inline arm()
{
	d_step {
#ifndef MUTATE_ARM_UNLOCKED
		flush(PARENT);
#endif
		door_waits = 1;
		door_rung = 0;
		armed = 1
	}
}

inline disarm()
{
	d_step { flush(PARENT); door_waits = 0; armed = 0 }
}

active proctype parent()
{
	byte next, b, c, e, s;
	byte owner[BATCHES];
	bit progress, armed, ended;
	byte word_, index_, value_;

	d_step {
		forked[0] = 1;
		running[0] = 1;
		forked[1] = 1;
		running[1] = 1
	};
	do
	:: emitted_batches == BATCHES && !running[0] && !running[1] -> break
	:: else ->
		/* Words to sleep on are loaded before anything is looked at. */
#ifndef MUTATE_STALE_ALARM
		alarm = 0;
#endif
		progress = 0;
		if
		:: zombie[0] -> atomic { settle(0); progress = 1 }
		:: else
		fi;
		if
		:: zombie[1] -> atomic { settle(1); progress = 1 }
		:: else
		fi;
		if
		:: next < BATCHES && in_flight(0) < SLOTS -> deal(0); progress = 1
		/* The lanes are alike: the first batch may as well be lane 0's. */
		:: 0 < next && next < BATCHES && in_flight(1) < SLOTS -> deal(1); progress = 1
		:: else
		fi;
		if
		:: next == BATCHES && !ended -> ended = 1; close_lane(0); close_lane(1)
		:: else
		fi;
		if
#ifdef MUTATE_IGNORE_SEQUENCE
		:: in_flight(0) > 0 -> drain(0)
		:: in_flight(1) > 0 -> drain(1)
#else
		:: emitted_batches < next && owner[emitted_batches] == 0 -> drain(0)
		:: emitted_batches < next && owner[emitted_batches] == 1 -> drain(1)
#endif
		:: else
		fi;
		if
		:: progress && armed -> disarm()
		:: progress && !armed
		:: !progress && !armed ->
			if
			:: emitted_batches < BATCHES -> notify_lane(0); notify_lane(1)
			:: else
			fi;
			arm()
		:: !progress && armed ->
			/* doorbell_wait */
			if
			:: d_step { !door_rung && !alarm -> parent_asleep = 1 };
				!parent_asleep
			:: door_rung || alarm
			fi;
			disarm()
		fi
	od;
	atomic {
		do
		:: b < FILES ->
			exactly_once = (fate[b] != UNKNOWN);
			assert(exactly_once);
			b++
		:: else -> break
		od
	}
}
