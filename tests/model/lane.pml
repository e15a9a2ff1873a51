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
 * That is the store buffer of x86 (TSO); the parent's bump of a bell is
 * buffered too, which x86 would not do, so that its fence has to earn its
 * place.  The doorbell's operations are locked: they empty the buffer and act
 * on memory at once.
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
 * Each MUTATE_ macro breaks one thing; tests/model/check names the property
 * that must find it.
 */

#define LANES		2
#define BATCHES		3
#define FILES		4
#define SLOTS		2	/* LANE_SLOTS */
#define ROOM		2	/* frames that a results ring holds */

#ifndef DEATHS
#define DEATHS		1
#endif
#ifndef DEPTH
#define DEPTH		2	/* stores that a store buffer holds */
#endif

/* Batch 0 is file 0, batch 1 files 1 and 2, batch 2 file 3. */
#define files_of(s)	((s) == 1 -> 2 : 1)
#define first_of(s)	((s) == 0 -> 0 : ((s) == 1 -> 1 : 3))
/* Frames: a stream longer than the ring, none, a stream, one. */
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

/* Shared memory: the parent's words. */
byte dealt[LANES];
bit closed[LANES];
byte notify[LANES];
byte drained[LANES];
bit bumped[LANES];		/* bell differs from what the worker loaded */
byte jobs[LANES * BATCHES];	/* the sequence of each batch of a lane */

/* Shared memory: the workers' words. */
byte waiting[LANES];
byte started[LANES * SLOTS];
byte committed[LANES * SLOTS];
byte end[LANES * SLOTS];
byte frames[LANES * ROOM];	/* which frame of which file */

/* The doorbell: bit W, and whether it differs from what the parent armed. */
bit door_waits;
bit door_rung;

/* The kernel: who sleeps, who runs, who is a zombie; SIGCHLD bumps alarm. */
bit asleep[LANES];
bit parent_asleep;
bit forked[LANES];
bit killed[LANES];
bit zombie[LANES];
bit alarm;

/* The parent's private memory; a child inherits a copy. */
bit running[LANES];
byte front[LANES];
byte work[LANES];
byte back[LANES];
byte done[BATCHES];
byte batch_end[BATCHES];
byte read_pos[LANES];
byte read_end[LANES];
byte read_drained[LANES];

/* For the checks alone. */
#define UNKNOWN		0
#define EMITTED		1
#define LOST		2
byte fate[FILES];
byte seen[FILES];		/* frames emitted */
byte searching[LANES];		/* the file that a worker is on, plus 1 */
bit killer[FILES];
byte deaths;
byte lost_files;
byte emitted;			/* batches */
byte last_file;
bit exactly_once = 1;
bit in_order = 1;
bit lost_within_deaths = 1;
bit killer_not_retried = 1;

#define frame_of(f, part)	((f) * 4 + (part))
#define frame_file(frame)	((frame) / 4)
#define frame_part(frame)	((frame) % 4)

/* Store buffers: which word, of which lane or slot, which value. */
#define PARENT		LANES
#define DEALT		1
#define CLOSED		2
#define NOTIFY		3
#define DRAINED		4
#define BELL		5
#define WAITING		6
#define COMMITTED	7
#define END		8
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
	index_ = 0;
	value_ = 0;
	word_ = 0
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
active proctype memory()
{
	byte word_, index_, value_;

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
	bumped[l] = 0;
	forked[l] = 0;
	killed[l] = 1;
	zombie[l] = 1;
	alarm = 1;
	parent_asleep = 0
}

active proctype fate_of_workers()
{
	byte word_, index_, value_;

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
		rang = door_waits;
#ifdef MUTATE_RING_CLEARS_W
		door_waits = 0;
#else
		door_rung = 1;
#endif
		word_ = 0
	};
	if
	:: rang -> atomic { parent_asleep = 0; rang = 0 }
	:: else
	fi
}

/* wait_for in shm/lane_worker.c, with either of its two questions. */
inline sleep_for(l, why)
{
	atomic {
		bumped[l] = 0;
		STORE(l, WAITING, l, why)
#ifndef MUTATE_NO_WAITING_FENCE
		;
		FENCE(l)
#endif
	}
}

inline sleep_unless(l, is_ready)
{
	if
	:: is_ready
	:: else ->
		if
		:: d_step { !bumped[l] -> asleep[l] = 1 };
			!asleep[l]
		:: bumped[l]	/* EAGAIN */
		fi
	fi;
	STORE(l, WAITING, l, AWAKE)
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
		sleep_for(l, WANTS_BATCH);
		look_for_batch(l);
		sleep_unless(l, ready);
		look_for_batch(l)
	od;
	ready = 0
}

#define full		(pos - room == ROOM)

inline wait_for_room(l)
{
	room = drained[l];
	if
	:: full ->
#ifndef MUTATE_NO_RING_FOR_ROOM
		ring(l);
#endif
		room = drained[l]
	:: else
	fi;
	do
	:: !full -> break
	:: else ->
		sleep_for(l, WANTS_ROOM);
		room = drained[l];
		sleep_unless(l, !full);
		room = drained[l]
	od
}

/* lane_worker_start: started is looked at after a death only. */
inline start(l)
{
	atomic {
		searching[l] = first_of(s) + file + 1;
		killer_not_retried = !killer[searching[l] - 1];
		assert(killer_not_retried);
		started[slot(l, batch)] = tagged(s, file + 1)
	}
}

inline publish(l)
{
	STORE(l, END, slot(l, batch), pos)
}

inline write_frames(l)
{
	do
	:: part < frames_of(first_of(s) + file) ->
		if
		:: full -> wait_for_room(l)
		:: else
		fi;
		atomic {
			frames[place(l, pos)] = frame_of(first_of(s) + file, part);
			part++;
			pos++;
#ifdef MUTATE_COMMIT_BEFORE_END
			if
			:: part == frames_of(first_of(s) + file) -> break
			:: else
			fi;
#endif
			publish(l)
		}
	:: else -> break
	od
}

inline commit(l)
{
	atomic {
		STORE(l, COMMITTED, slot(l, batch), tagged(s, file + 1));
		part = 0;
		file++;
		searching[l] = 0
#ifdef MUTATE_COMMIT_BEFORE_END
		;
		publish(l)
#endif
	}
}

/* lane_worker_commit of a last file rings for the batch that notify names. */
inline end_batch(l)
{
	atomic {
		file = 0;
		s = 0;
		batch++
#ifndef MUTATE_NO_COMMIT_FENCE
		;
		FENCE(l)
#endif
	};
	if
	:: batch >= notify[l] -> ring(l)
	:: else
	fi
}

active [LANES] proctype worker()
{
	byte l = _pid - 2;
	byte batch, file, s, pos, room, part;
	bit ready, rang;
	byte word_, index_, value_;

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
		:: wait_for_batch(l);
			if
			:: dealt[l] <= batch -> break
			:: else
			fi;
			atomic {
				s = jobs[job(l, batch)];
				publish(l);
				started[slot(l, batch)] = tagged(s, file);
				STORE(l, COMMITTED, slot(l, batch), tagged(s, file))
			};
			do
			:: file < files_of(s) ->
				start(l);
				write_frames(l);
				commit(l)
			:: else -> break
			od;
			end_batch(l)
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
		ready = 0;
		rang = 0;
		word_ = 0;
		index_ = 0;
		value_ = 0;
		goto end_worker
	}
}

/* wake in shm/lane_parent.c, behind the store that it is about. */
inline wake(l, reason)
{
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
	atomic {
		jobs[job(l, back[l])] = next;
		owner[next] = l;
		next++;
		back[l]++;
		progress = 1;
		STORE(PARENT, DEALT, l, back[l]);
		STORE(PARENT, BELL, l, 0)
	};
	wake(l, WANTS_BATCH)
}

inline close_lane(l)
{
	atomic {
		STORE(PARENT, CLOSED, l, 1);
		STORE(PARENT, BELL, l, 0)
	};
	wake(l, WANTS_BATCH)
}

/* lane_parent_update. */
inline update(l)
{
	do
	:: atomic {
		work[l] < back[l];
		b = jobs[job(l, work[l])];
#ifdef MUTATE_END_FIRST
		e = end[slot(l, work[l])]
#else
		c = committed[slot(l, work[l])]
#endif
	   };
		atomic {
#ifdef MUTATE_END_FIRST
			c = committed[slot(l, work[l])];
#endif
			if
			:: tag(c) == b ->
#ifndef MUTATE_END_FIRST
				e = end[slot(l, work[l])];
#endif
				read_end[l] = e;
				done[b] = (count(c) > done[b] -> count(c) : done[b])
			:: else
			fi;
			c = 0;
			e = 0;
			if
			:: done[b] < files_of(b) -> break
			:: else
			fi;
			batch_end[b] = read_end[l];
			work[l]++
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

/* lane_parent_settle; then a new process, if there is anything left to do. */
inline settle(l)
{
	progress = 1;
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
		update(l)
	:: else
	fi;
	b = 0;
	c = 0;
	zombie[l] = 0;
	running[l] = (next < BATCHES || work[l] < back[l]);
	forked[l] = running[l]
}

#define readable(l)	(read_pos[l] < (front[l] < work[l] -> batch_end[s] : read_end[l]))
#define next_frame(l)	frames[place(l, read_pos[l])]

/* lane_parent_read, until it returns 0. */
inline read_frames(l)
{
	do
	:: readable(l) && frame_file(next_frame(l)) <= first_of(s) + done[s] ->
		b = frame_file(next_frame(l));
		in_order = (b >= last_file);
		assert(in_order);
		exactly_once = (b >= first_of(s) && frame_part(next_frame(l)) == seen[b]);
		assert(exactly_once);
		seen[b]++;
		last_file = b;
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
		s = 0
	};
	/* lane_parent_release: what was read is written out. */
	if
	:: read_drained[l] != read_pos[l] ->
		atomic {
			read_drained[l] = read_pos[l];
			STORE(PARENT, DRAINED, l, read_pos[l]);
			STORE(PARENT, BELL, l, 0)
		};
		wake(l, WANTS_ROOM)
	:: else
	fi
}

/* lane_parent_notify: the head of the line rings for its next batch. */
inline notify_lane(l)
{
	if
	:: owner[emitted] == l -> STORE(PARENT, NOTIFY, l, work[l] + 1)
	:: owner[emitted] != l && work[l] < back[l] -> STORE(PARENT, NOTIFY, l, back[l])
	:: else
	fi
}

inline arm()
{
	atomic {
		if
		:: emitted < BATCHES -> notify_lane(0); notify_lane(1)
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
	atomic {
		FENCE(PARENT);
		door_waits = 0;
		armed = 0
	}
}

#define in_flight(l)	(back[l] - front[l])

active proctype parent()
{
	byte next, b, c, e, s;
	byte owner[BATCHES];
	bit progress, armed, ended;
	byte word_, index_, value_;

	atomic {
		forked[0] = 1;
		running[0] = 1;
		forked[1] = 1;
		running[1] = 1
	};
	do
	:: emitted == BATCHES && !running[0] && !running[1] -> break
	:: else ->
		/* Words to sleep on are loaded before anything is looked at. */
		atomic {
#ifndef MUTATE_STALE_ALARM
			alarm = 0;
#endif
			progress = 0
		};
		if
		:: atomic { zombie[0] -> settle(0) }
		:: else
		fi;
		if
		:: atomic { zombie[1] -> settle(1) }
		:: else
		fi;
		if
		:: next < BATCHES && in_flight(0) < SLOTS -> deal(0)
		/* The lanes are alike: the first batch may as well be lane 0's. */
		:: 0 < next && next < BATCHES && in_flight(1) < SLOTS -> deal(1)
		:: next == BATCHES && !ended ->
			ended = 1;
			close_lane(0);
			close_lane(1)
		:: else
		fi;
		if
#ifdef MUTATE_IGNORE_SEQUENCE
		:: in_flight(0) > 0 -> drain(0)
		:: in_flight(1) > 0 -> drain(1)
#else
		:: emitted < next && owner[emitted] == 0 -> drain(0)
		:: emitted < next && owner[emitted] == 1 -> drain(1)
#endif
		:: else
		fi;
		if
		:: progress && armed -> disarm()
		:: progress && !armed
		:: !progress && !armed -> arm()
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
	/* Not one file was forgotten. */
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
