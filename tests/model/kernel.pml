/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The kernel's rules: device-mapper devices and thread keyrings.
 *
 * A device is created empty, can be opened once it has had a table (dm.c, dm_setup_md_queue), keeps
 * one table that is live and one that was loaded and not yet resumed, and is removed by name: at once
 * when nobody has it open, else it is armed (dm-ioctl.c, dev_remove). The last close of an armed
 * device only queues the removal (dm.c, dm_blk_close): until that work runs it can be opened again.
 * Numbers are given out lowest first, so one that came free is the next one used.
 *
 * A key is in a crypt table, live or loaded, or in a keyring.
 *
 * With -DCOW: a snapshot's table has its store open from its loading to its end (dm-snap.c,
 * snapshot_ctr, snapshot_dtr). Of a device that is removed the name goes first, its tables after that
 * (dm-ioctl.c, dev_remove; dm.c, __dm_destroy).
 */
#define NONE 255

#define EMPTY 0
#define ERROR 1
#define CRYPT 2
#ifdef COW
#define SNAPSHOT 3
#define PLAIN_TEXT 4 /* of another program: what is written through it can be read below */
#endif

typedef device {
	byte name;	 /* of this very creation; 0: there is no device of this number */
	byte owner;	 /* what the name says of it, NONE: nothing that sweep could read */
	byte openers;
	byte live;	 /* EMPTY, ERROR, CRYPT */
	byte loaded;	 /* the same */
	bool registered; /* it has had a table */
	bool armed;
	bool wiped;	 /* somebody has swapped an error table in */
	bool kept;	 /* a named volume that was finished: its name owns it */
#ifdef COW
	byte below;	/* a snapshot's store, by number */
	byte releasing; /* tables that have it open and belong to no device any more */
#endif
};

device dm[NUMBERS];
/* What dm_find() found: used within one step, so no part of a state. */
hidden byte found;
byte orphan_keys; /* in keyrings that no process has any more */

#define HAS_KEY(n) (dm[n].live == CRYPT || dm[n].loaded == CRYPT)

/* What one system call does, in one step. *_NUMBER are locals of whoever calls. */

inline dm_free(number)
{
#ifdef COW
	dm[dm[number].below].releasing =
		dm[dm[number].below].releasing +
		((dm[number].live == SNAPSHOT -> 1 : 0) + (dm[number].loaded == SNAPSHOT -> 1 : 0));
	dm[number].below = 0;
#endif
	dm[number].name = 0;
	dm[number].owner = 0;
	dm[number].openers = 0;
	dm[number].live = EMPTY;
	dm[number].loaded = EMPTY;
	dm[number].registered = false;
	dm[number].armed = false;
	dm[number].wiped = false;
	dm[number].kept = false;
}

/* number: of the device that has the name, or NONE. */
inline dm_find(name_wanted, number)
{
	number = 0;
	do
	:: number == NUMBERS -> number = NONE; break
	:: number < NUMBERS && dm[number].name == name_wanted -> break
	:: number < NUMBERS && dm[number].name != name_wanted -> number++
	od
}

inline dm_create(name_wanted, owner_wanted, number)
{
	dm_find(0, number);
	assert(number != NONE); /* NUMBERS is large enough for the scenario */
	dm[number].name = name_wanted;
	dm[number].owner = owner_wanted;
}

#ifdef COW
#define RELEASE(number, table)                   \
	dm[dm[number].below].openers =           \
		dm[dm[number].below].openers -   \
		(dm[number].table == SNAPSHOT -> 1 : 0)
#endif

inline dm_load(number, table)
{
#ifdef COW
	RELEASE(number, loaded);
#endif
	dm[number].loaded = table;
	dm[number].registered = true;
}

#ifdef COW
inline dm_load_snapshot(number, number_below)
{
	dm_load(number, SNAPSHOT);
	dm[number].below = number_below;
	dm[number_below].openers++
}
#endif

/* Without a loaded table it changes nothing, and succeeds. */
inline dm_resume(number)
{
	if
	:: dm[number].loaded != EMPTY ->
#ifdef COW
		RELEASE(number, live);
#endif
		dm[number].live = dm[number].loaded;
		dm[number].loaded = EMPTY
	:: else
	fi
}

inline dm_remove_deferred(number)
{
	if
	:: dm[number].openers > 0 -> dm[number].armed = true
	:: else -> dm_free(number)
	fi
}

/* The work that a last close queues. It ends nothing that was opened again meanwhile. */
#define WORK(n) (dm[n].name != 0 && dm[n].armed && dm[n].openers == 0)

active proctype deferred_remove()
{
	byte n;
end:
	do
	:: atomic { WORK(0) -> dm_free(0) }
	:: atomic { WORK(1) -> dm_free(1) }
#if NUMBERS > 2
	:: atomic { WORK(2) -> dm_free(2) }
#endif
#ifdef COW
	:: atomic { dm[0].releasing > 0 -> dm[0].releasing--; dm[0].openers-- }
	:: atomic { dm[1].releasing > 0 -> dm[1].releasing--; dm[1].openers-- }
#if NUMBERS > 2
	:: atomic { dm[2].releasing > 0 -> dm[2].releasing--; dm[2].openers-- }
#endif
#endif
	od
}
