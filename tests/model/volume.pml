/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Named volumes: xen-ephemeral open, arm, close, and whoever has the device open in between.
 *
 *	step					where
 *	take what is there			backend/volume-open.c, take(), check_whole()
 *	build, as attach.pml does, locked	volume.c, volume_build(), start(); mapping_lock()
 *	disarm: from here on its name owns it	volume-open.c, build(); mapping_disarm()
 *	arm					command/arm.c, arm_open()
 *	close					command/close.c, end()
 *	sweep of what was never finished	command/ownership.c, ownership_is_left()
 *
 * A device's number comes free for the next one, which may be another volume of the same size. Every
 * process may be killed after every call, and most calls may fail. The scenario is what runs beside
 * each other beside one open: -DTWO_OPENS, -DOTHER_NAME, -DCLOSE, -DARM (with a user), -DSWEEP; with
 * -DSTANDING there is a finished volume at the start.
 */
#define NUMBERS 2

#include "kernel.pml"

/* Whose the flock of a device is: a process, or 0. It goes with the descriptor. */
byte lock[NUMBERS];

/* What has been said to whoever ran them. */
bool finished_volume_is_not_built_again = true;
bool own_device_was_given = true; /* a device that was printed for a name is the name's */

#define MAY_DIE	     if :: true :: goto killed fi
#define MAY_FAIL(to) if :: true :: goto to :: goto killed fi

/* These are macros because an inline takes no label that comes later. */
#define by_name(otherwise)                 \
	dm_find(name, found);              \
	if                                 \
	:: found == NONE -> goto otherwise \
	:: else                            \
	fi

/* By number; a device that never had a table cannot be opened. */
#define open_device(otherwise)                                                          \
	atomic {                                                                        \
		if                                                                      \
		:: dm[n].name != 0 && dm[n].registered -> dm[n].openers++; opened = true \
		:: else -> goto otherwise                                               \
		fi;                                                                     \
		MAY_DIE                                                                 \
	}

/* Waited for; given up when that takes too long. */
#define take_lock(otherwise)                       \
	atomic {                                   \
		if                                 \
		:: lock[n] == 0 -> lock[n] = _pid  \
		:: goto otherwise                  \
		fi;                                \
		MAY_DIE                            \
	}

inline close_device()
{
	atomic {
		if
		:: opened ->
			lock[n] = (lock[n] == _pid -> 0 : lock[n]);
			dm[n].openers--;
			opened = false
		:: else
		fi
	}
}

inline forget()
{
	atomic {
		dm_find(name, found);
		if
		:: found != NONE -> dm_remove_deferred(found)
		:: else
		fi;
		MAY_DIE
	}
}

proctype open(byte name)
{
	byte n = NONE;
	bool opened = false, tried = false;

take:
	atomic { /* mapping_look() */
		dm_find(name, n);
		MAY_DIE
	};
	if
	:: n == NONE -> goto build
	:: else
	fi;
	open_device(build);
	take_lock(give_up);
#ifndef TAKE_UNLOOKED
	atomic { /* looked at again, now that it can neither go nor become another one */
		dm_find(name, found);
		if
		:: found == n
		:: else -> goto again
		fi;
		MAY_DIE
	};
#endif
	atomic { /* check_whole() */
		by_name(give_up);
		if
		:: dm[found].live == CRYPT
		:: dm[found].live == EMPTY -> goto again
		:: else -> goto give_up /* wiped */
		fi;
		MAY_DIE
	};
	goto print;

again:
	close_device();
build:
	atomic {
		if
		:: tried -> goto give_up /* more rounds would show nothing else */
		:: else -> tried = true
		fi;
		dm_find(name, found);
		if
		:: found != NONE -> goto take /* EBUSY */
		:: else
		fi;
		dm_create(name, name, n);
		MAY_DIE
	};
	atomic { by_name(undo); dm_load(found, ERROR); MAY_FAIL(undo) };
	open_device(undo);
#ifndef BUILD_UNLOCKED
	take_lock(undo);
	atomic { /* still the one that was created, and nobody else has built it */
		by_name(undo);
		if
		:: found == n && dm[n].live == EMPTY
		:: else -> goto again
		fi;
		MAY_DIE
	};
#endif
	atomic { by_name(undo); dm_remove_deferred(found); MAY_FAIL(undo) };
#ifdef BUILD_UNLOCKED
	take_lock(undo);
#endif
#ifdef DISARM_FIRST
	atomic { by_name(undo); dm[found].armed = false; MAY_FAIL(undo) };
#endif
	atomic {
		by_name(undo);
		finished_volume_is_not_built_again = !dm[found].kept;
#ifdef CHECK_ONCE
		assert(finished_volume_is_not_built_again);
#endif
		dm_load(found, CRYPT);
		MAY_FAIL(undo)
	};
	atomic { by_name(undo); dm_resume(found); MAY_FAIL(undo) };
	atomic { /* zero_head() */
		if
		:: dm[n].live == CRYPT
		:: else -> goto undo
		fi;
		MAY_FAIL(undo)
	};
	atomic {
		by_name(give_up);
		dm[found].armed = false;
		dm[found].kept = true;
		MAY_FAIL(give_up)
	};
print:
	atomic {
		own_device_was_given = dm[n].name == name;
#ifdef CHECK_DEVICE
		assert(own_device_was_given);
#endif
		goto give_up
	};

undo:	/* mapping_undo(): closed; then forgotten, if it is the one that was created and was never live */
	close_device();
	atomic {
		dm_find(name, found);
		if
		:: found == n && found != NONE && dm[found].live == EMPTY -> dm_remove_deferred(found)
		:: else
		fi
	};
give_up: skip;
killed:
	close_device()
}

/* A volume of another name, there for its number: whole from one moment to the next, then gone. */
proctype other(byte name)
{
	byte n;

	atomic {
		dm_create(name, name, n);
		dm_load(n, CRYPT);
		dm_resume(n);
		dm[n].kept = true
	};
	atomic { dm[n].openers == 0 -> dm_free(n) }
}

proctype arm(byte name)
{
	byte n = NONE;
	bool opened = false;

	atomic { by_name(killed); n = found; MAY_DIE };
	open_device(killed);
	take_lock(killed);
	atomic {
		by_name(killed);
		if
		:: !dm[found].armed && dm[found].openers >= 2
		:: else -> goto killed
		fi;
		MAY_DIE
	};
	atomic { by_name(killed); dm_remove_deferred(found); MAY_DIE };
killed:
	close_device()
}

/* Has the device open for a while: what blkback, QEMU or a mount does. */
proctype user(byte name)
{
	byte n = NONE;
	bool opened = false;

	atomic {
		if
		:: dm[0].name == name && dm[0].kept -> n = 0
		:: dm[1].name == name && dm[1].kept -> n = 1
		:: goto killed
		fi;
		dm[n].openers++;
		opened = true
	};
killed:
	close_device()
}

inline load_error_table()
{
	atomic { by_name(done); dm_load(found, ERROR); MAY_DIE }
}

inline start_error_table()
{
	atomic {
		by_name(done);
		if
		:: dm_resume(found)
		:: goto killed /* storage hangs, and close says so */
		fi;
		MAY_DIE
	}
}

#ifndef CLOSE_UNLOCKED
/* Twice: armed, then, if its last user does not let go, wiped. */
proctype close(byte name)
{
	byte n = NONE;
	bool opened = false, tried = false, second = false;

hold:
	atomic { by_name(done); n = found; MAY_DIE };
	open_device(unregistered);
	take_lock(killed);
	atomic {
		by_name(again);
		if
		:: found == n
		:: else -> goto again
		fi;
		MAY_DIE
	};
	forget();
	if
	:: second -> load_error_table(); start_error_table(); goto done
	:: else -> second = true
	fi;
	close_device();
	if
	:: true -> goto hold /* mapping_await_end() gives up at some time */
	:: dm[0].name != name && dm[1].name != name -> goto done
	fi;

again:
	close_device();
unregistered:
	forget();
	if
	:: tried -> goto killed /* close says that it gave up */
	:: else -> tried = true; goto hold
	fi;
done:
	skip;
killed:
	close_device()
}
#else
proctype close(byte name)
{
	byte n = NONE;
	bool opened = false;

	forget();
	load_error_table();
	start_error_table();
done:
	skip;
killed:
	close_device()
}
#endif

#define UNFINISHED(n) (dm[n].name != 0 && dm[n].live == EMPTY && dm[n].openers == 0)

proctype sweep()
{
	byte name;

	atomic {
		if
		:: UNFINISHED(0) -> name = dm[0].name
		:: UNFINISHED(1) -> name = dm[1].name
		:: else -> goto killed
		fi;
		MAY_DIE
	};
	forget();
killed:
}

bool key_has_an_arming_or_a_name = true;
bool what_close_wiped_is_armed = true;
bool what_is_left_can_be_swept = true;

#define VIOLATED(property) property = false; assert(property)
#define ANY_DEVICE(what)   (what(0) || what(1))
#define UNBOUND(n)	   (HAS_KEY(n) && !dm[n].armed && !dm[n].kept)
#define BLOCKED(n)	   (dm[n].live == ERROR && !dm[n].armed)
#define LOST(n)		   (dm[n].name != 0 && !dm[n].kept && !UNFINISHED(n))

proctype judge()
{
end:
	do
#ifdef CHECK_KEY
	:: atomic { ANY_DEVICE(UNBOUND) -> VIOLATED(key_has_an_arming_or_a_name) }
#endif
	:: timeout -> break
	od;
#ifdef CHECK_CLOSE
	if
	:: atomic { ANY_DEVICE(BLOCKED) -> VIOLATED(what_close_wiped_is_armed) }
	:: else
	fi;
#endif
#ifdef CHECK_LEFT
	if
	:: atomic { ANY_DEVICE(LOST) -> VIOLATED(what_is_left_can_be_swept) }
	:: else
	fi
#endif
}

init
{
	byte number;

	atomic {
		run judge();
#ifdef STANDING
		dm_create(1, 1, number);
		dm_load(number, CRYPT);
		dm_resume(number);
		dm[number].kept = true;
#endif
		run open(1);
#ifdef TWO_OPENS
		run open(1);
#endif
#ifdef OTHER_NAME
		run other(2);
#endif
#ifdef CLOSE
		run close(1);
#endif
#ifdef ARM
		run user(1);
		run arm(1);
#endif
#ifdef SWEEP
		run sweep();
#endif
	}
}
