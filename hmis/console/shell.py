"""The HMIS console: the hospital's classes at a prompt, under the same rules as the API.

Each line becomes a call of the service that the API calls too, with the same body and after the same question who
may. What it reads is told in the audit before it is shown, and what is refused is told as well. Changes wait until
`save`; `unsaved` says how.
"""

from __future__ import annotations

import cmd
import inspect
import io
import os
import re
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from hmis.console import grammar
from hmis.console.calls import Call, begun, body_of, meant
from hmis.console.classes import ALIASES, CLASSES, class_named
from hmis.console.completion import completions, words_of
from hmis.console.grammar import NotUnderstood, Said
from hmis.console.kinds import Kind, Place, Way
from hmis.console.references import Seen, short, with_handles
from hmis.console.sign_in import ADDRESS, sign_out_at_console
from hmis.console.tables import Paper
from hmis.console.typed import remembered
from hmis.console.unsaved import CannotSave, Done, Run, Unsaved
from hmis.core import clock
from hmis.core.access import Actor, require
from hmis.core.audit import Act
from hmis.core.errors import (
    Forbidden,
    HmisError,
    NotFound,
    NotSignedIn,
    PossibleDuplicate,
    RecordLocked,
)
from hmis.core.paging import Page
from hmis.core.store import Store
from hmis.staff import sessions
from hmis.staff.sessions import Opened

VERBS = tuple(dict.fromkeys(verb for kind in CLASSES.values() for verb in kind.verbs))
MOST_ENDS = 3
"""Ends of input in a row after which nobody is there any more."""

_HELP = (
    ("all Patient", "list, 50 at a time; `more` goes on"),
    ("all VitalSign patient=104226784", "those of one patient"),
    ("find Patient ade okafor", "by name, number, phone, birth date"),
    ("show Patient 104226784", "all fields of one, with the full ids"),
    ("count Patient", "how many there are"),
    ("create Patient given_name=Ada ...", "a new one; called new-1 until saved"),
    ("update Patient 104226784 phone=0803...", "change what is named, nothing else"),
    ('destroy VitalSign 7f3a09c1 "why"', "withdraw, retire, deactivate"),
    ("unsaved", "what waits to be saved"),
    ("save", "save all that waits, or nothing"),
    ("discard, discard 2", "forget all that waits, or one of it"),
    ('Patient.show("104226784")', "everything goes like this too"),
    ("help create, help Patient", "more of a command or a class"),
    ("quit", "leave (also Ctrl-D)"),
)


class HospitalShell(cmd.Cmd):
    """The console of one person who has signed in."""

    doc_header = "Commands"

    def __init__(
        self,
        store: Store,
        opened: Opened,
        *,
        sign_in_again: Callable[[], Opened] | None = None,
        stdin: IO[str] | None = None,
        stdout: IO[str] | None = None,
        interactive: bool | None = None,
    ) -> None:
        """`sign_in_again` asks for the password once the session has ended; without it the console is over then."""
        super().__init__(stdin=stdin, stdout=stdout)
        self.store = store
        self.actor: Actor = opened.actor
        self.interactive = self.stdin.isatty() if interactive is None else interactive
        self.use_rawinput = self.interactive and stdin is None
        self.failed = False
        """Whether a line of a script was refused, or changes were left unsaved at its end."""
        self.unsaved = Unsaved(store)
        self.seen = Seen()
        if isinstance(self.stdout, io.TextIOWrapper):
            self.stdout.reconfigure(errors="replace")
        self.paper = Paper(self.stdout, store.settings)
        self._opened = opened
        self._again = sign_in_again
        self._more: Call | None = None
        self._ends = 0
        self._set_prompt()

    # --- commands ---

    def do_all(self, rest: str) -> None:
        """List a class, 50 at a time: all Patient; all VitalSign patient=104226784; all Staff include=inactive.

        `more` (or `all Patient --more`) goes on where the list ended.
        """
        if rest.endswith("--more"):
            self._go_on(rest.removesuffix("--more").strip())
        else:
            self._perform(grammar.plain("all", rest))

    def do_more(self, rest: str) -> None:
        """Go on with the last list."""
        self._go_on(rest.strip())

    def do_find(self, rest: str) -> None:
        """Search a class: find Patient ade okafor; find Drug amox 500; find Doctor eze."""
        self._perform(grammar.plain("find", rest))

    def do_show(self, rest: str) -> None:
        """Show all fields of one: show Patient 104226784; show VitalSign 7f3a09c1 (an id of a list, or the whole)."""
        self._perform(grammar.plain("show", rest))

    def do_count(self, rest: str) -> None:
        """How many there are, without what was withdrawn, retired or set aside: count Patient."""
        self._count(grammar.plain("count", rest))

    def do_create(self, rest: str) -> None:
        """Make a new one: create Patient given_name=Ada family_name=Obi sex=female age_years=30.

        A text with spaces goes into quotes; lists and objects are JSON: next_of_kin={"name": "Emeka Obi"}. What belongs
        to a patient says to whom: create VitalSign patient=104226784 pulse_per_min=80. Until it is saved it is called
        new-1. `help Patient` tells the fields.
        """
        self._perform(grammar.plain("create", rest))

    def do_update(self, rest: str) -> None:
        """Change what is named, and nothing else: update Patient 104226784 phone='0803 555 0101'; null empties it."""
        self._perform(grammar.plain("update", rest))

    def do_destroy(self, rest: str) -> None:
        """Withdraw a record, retire a drug, deactivate somebody: destroy VitalSign 7f3a09c1 "wrong patient".

        Nothing is ever erased. A clinical record: its author alone, within 24 hours, with the reason.
        """
        self._perform(grammar.plain("destroy", rest))

    def do_unsaved(self, rest: str) -> None:
        """What waits to be saved."""
        self._who()
        self._say_unsaved()

    def do_save(self, rest: str) -> None:
        """Save all that waits, in one piece; where one of it cannot be saved, nothing is, and it is named."""
        actor = self._ready()
        if self.failed and not self.interactive:
            raise NotUnderstood("a line before this one was refused, so nothing is saved")
        if not self.unsaved.held:
            self.paper.say("Nothing waits to be saved.")
            return
        try:
            saved = self.unsaved.save(actor)
        except CannotSave as error:
            self._tell_refusal(error.change, error.refusal)
            raise
        self._say_saved(saved)

    def do_discard(self, rest: str) -> None:
        """Forget what waits to be saved: discard; or one of it, by its number in `unsaved`: discard 2."""
        if rest.strip() and not rest.strip().isdecimal():
            raise NotUnderstood("discard takes the number of one change, or nothing for all of them")
        self._ready()
        dropped = self.unsaved.drop(int(rest) if rest.strip() else None)
        for change in dropped:
            self.paper.say(f"discarded: {change}")
        if not dropped:
            self.paper.say("Nothing waits to be saved.")

    def do_quit(self, rest: str) -> bool:
        """Leave. Where something waits to be saved, you are asked."""
        if not self.unsaved.held:
            return True
        self._say_unsaved()
        if not self.interactive:
            raise NotUnderstood("not left: save or discard first")
        answer = self._ask("save, discard, or stay? ")
        if answer == "save":
            self.do_save("")
            return True
        if answer == "discard":
            self.do_discard("")
            return True
        self.paper.say("Still here.")
        return False

    def do_EOF(self, rest: str) -> bool:  # noqa: N802 - the name cmd gives to the end of input
        """Leave, as with quit; what is not saved is told first."""
        self._ends += 1
        if self.interactive:
            self.paper.say()
        if not self.unsaved.held:
            return True
        self._say_unsaved()
        if not self.interactive or self._ends >= MOST_ENDS:
            self.failed = True
            self.paper.say("*** The input ended before `save` or `discard`: these changes are lost.")
            return True
        self.paper.say("Not left: `save` or `discard`, then `quit`.")
        return False

    def do_help(self, arg: str) -> None:
        """What can be said here; `help create` tells of a command, `help Patient` of a class."""
        topic = arg.strip()
        if not topic:
            self.paper.grid([("say", False), ("and get", False)], _HELP)
            self.paper.say(f"Classes: {', '.join(CLASSES)}")
            return
        told = getattr(self, f"do_{topic}", None)
        if told is not None and topic != "EOF":
            self.paper.say(" ".join(inspect.getdoc(told).split()))  # type: ignore[union-attr]
        elif topic in VERBS:
            classes = [kind.name for kind in CLASSES.values() if topic in kind.verbs]
            self.paper.say(f"{topic} {' | '.join(classes)} <id>, with the reason where one is asked for.")
        else:
            self._help_class(class_named(topic))

    def emptyline(self) -> bool:
        """An empty line does nothing; least of all the last command again."""
        return False

    def default(self, line: str) -> None:
        """The dotted form, and the verbs that only some classes have: stop, hold, release, activate, invite."""
        if grammar.is_dotted(line):
            said = grammar.dotted(line)
            kind = class_named(said.class_name)
            if said.verb == "count":
                self._count(said)
            else:
                self._perform(replace(said, class_name=kind.name))
            return
        first, _, rest = line.strip().partition(" ")
        if first in VERBS:
            self._perform(grammar.plain(first, rest))
            return
        if first.lower() in {*ALIASES, *(name.lower() for name in CLASSES)}:
            name = class_named(first).name
            raise NotUnderstood(f"what of {name}? Such as {name}.all(), or: help {name}")
        alike = grammar.alike(first, self.commands())
        raise NotUnderstood(f"Unknown command: {first[:60]}. {f'Did you mean {alike}?' if alike else 'Say help.'}")

    # --- Tab ---

    def commands(self) -> list[str]:
        """Everything a line can begin with, beside a class."""
        own = (name.removeprefix("do_") for name in dir(self) if name.startswith("do_") and name != "do_EOF")
        return sorted({*own, *VERBS})

    def completenames(self, text: str, *ignored: Any) -> list[str]:
        """Commands and classes."""
        return completions("", text, self.commands(), self._ids)

    def completedefault(self, *ignored: Any) -> list[str]:
        """Whatever can come next in the line."""
        text, line, begin, _ = ignored
        return completions(line[:begin], text, self.commands(), self._ids)

    complete_help = completedefault

    def _ids(self, class_names: Any) -> list[str]:
        made = [c.handle for c in self.unsaved.changes if c.handle and c.kind.name in class_names]
        return [*reversed(made), *self.seen.names(class_names)]

    # --- one line after the other ---

    def cmdloop(self, intro: Any = None) -> None:
        """Take lines until `quit`; Ctrl-C abandons a line, and nothing else."""
        try:
            if not self.interactive:
                self._take_lines()
                return
            hospital = self.store.settings.hospital_name
            self.paper.say(f"{hospital}: HMIS console. You are {self.actor.name}. `help` tells what can be said.")
            with remembered(self.store.settings.data_dir / "console_history", self.actor.staff_number):
                self._take_lines()
        finally:
            self._leave()

    def _take_lines(self) -> None:
        while True:
            try:
                super().cmdloop("")
            except KeyboardInterrupt:
                self.paper.say("^C")
                continue
            return

    def onecmd(self, line: str) -> bool:
        """One line, and one clear line for whatever is wrong with it; whether that was the last."""
        if line.strip() != "EOF":
            self._ends = 0
        if line.lstrip().startswith("#"):
            return False
        self.unsaved.opened = set()
        try:
            return bool(super().onecmd(line))
        except NotUnderstood as error:
            self._refuse(str(error))
        except HmisError as error:
            self._refuse(worded(error))
        except CannotSave as error:
            self._refuse(f"Nothing was saved. Change {error.number} ({error.change}): {worded(error.refusal)}")
            self.paper.say(f"    `discard {error.number}` forgets it; `unsaved` shows all.")
        except IntegrityError:
            self._refuse("Conflict: this clashes with something stored already; look again")
        except DBAPIError:
            self._refuse(f"Unavailable: {_BROKEN if self.unsaved.in_doubt else _SILENT}")
        except EOFError:
            self._refuse("No answer; nothing was done")
        except BrokenPipeError:
            raise
        except Exception as error:  # noqa: BLE001 - whoever stands at a bedside gets one line; the file gets the rest
            self._refuse(f"Something went wrong here; it was written down under {self._write_down(error)}")
        finally:
            self._set_prompt()
        return False

    def _ready(self) -> Actor:
        """Who stands here; and what became of a save that nobody answered is asked before anything else."""
        actor = self._who()
        if self.unsaved.in_doubt:
            done = self.unsaved.settle(actor)
            if done:
                self.paper.say("The last save had arrived:")
                self._say_saved(done)
            else:
                self.paper.say("The last save had not arrived; what you said still waits.")
        return actor

    # --- doing ---

    def _perform(self, said: Said) -> None:
        said = self._with_class(said)
        call = begun(said)
        with self._refusals_told(call) as actor:
            call = meant(call, said, self.seen)
            if call.reads:
                self._look(actor, call)
            else:
                self._hold(actor, call)

    @contextmanager
    def _refusals_told(self, call: Call) -> Iterator[Actor]:
        """Who stands here, if they may do this at all; what is refused on the way is told in the audit."""
        actor = self._ready()
        try:
            require(actor, *call.needs)
            yield actor
        except PossibleDuplicate as error:
            self._say_candidates(error)
            raise
        except CannotSave as error:
            self._tell_refusal(error.change, error.refusal)
            raise
        except HmisError as error:
            self._tell_refusal(call, error)
            raise

    def _with_class(self, said: Said) -> Said:
        """`show new-1`, `show 7f3a09c1`: what was made or shown here tells its class itself."""
        if said.verb in ("create", "all", "find") or grammar.is_word(said.class_name):
            return said
        name = self.unsaved.class_of(said.class_name) or self.seen.class_of(said.class_name)
        return replace(said, class_name=name, words=[said.class_name, *said.words]) if name else said

    def _hold(self, actor: Actor, call: Call) -> None:
        done = self.unsaved.hold(actor, call)
        try:
            self._tell_readings(call, None if call.verb == "create" else done.id)
        except HmisError:
            self.unsaved.drop(len(self.unsaved.held))
            raise
        call = done.change
        label = call.kind.label(done.row) if done.row else ""
        if call.handle:
            self.paper.say(f"{call.handle}: {call.kind.name} {label} (not saved yet)")
        else:
            shown = f": {label}" if label else ""
            self.paper.say(f"{call.verb} {call.kind.name} {call.ref}{shown} (not saved yet)")
        if call.ways[0].takes is None and call.fields:
            self.paper.say(f"    ({call.verb} {call.kind.name} keeps no reason; yours is not stored)")

    def _look(self, actor: Actor, call: Call) -> None:
        takes = call.ways[0].takes
        query = body_of(takes, call.fields) if takes else None
        if takes is None and call.fields:
            raise NotUnderstood(f"{call.verb} {call.kind.name} takes nothing more than the id")

        def read(run: Run) -> tuple[Place, list[dict[str, Any]], str | None]:
            place, way = run.place(call)
            given = way.does(run.session, place, query)
            listed = given if isinstance(given, Page) else Page([given])
            handles = {id: handle for handle, id in run.made.items() if handle not in self.unsaved.made}
            return place, [with_handles(row, handles) for row in call.kind.rows(listed)], listed.next

        (place, found, cursor), seen = self.unsaved.look(actor, read)
        self._tell_readings(call, place.id if call.verb == "show" else None)
        if call.verb == "show":
            self._note(call.kind, found[0])
            self.paper.fields(found[0])
        else:
            self._say_list(call, found, cursor)
        self._say_what_is_shown(seen)

    def _go_on(self, class_name: str) -> None:
        if self._more is None:
            raise NotUnderstood("the last list is at its end")
        if class_name and class_named(class_name) is not self._more.kind:
            raise NotUnderstood(f"the last list was of {self._more.kind.name}; list {class_name} first")
        with self._refusals_told(self._more) as actor:
            self._look(actor, self._more)

    def _count(self, said: Said) -> None:
        if not said.class_name:
            raise NotUnderstood("count what? Say a class, such as: count Patient")
        kind = class_named(said.class_name)
        if said.words or said.named:
            raise NotUnderstood(f"count {kind.name} counts all of them; `all` lists some")
        counting = select(func.count(kind.model.id)).where(kind.standing())
        with self._refusals_told(Call("count", kind, (_counting(kind),))) as actor:
            number, seen = self.unsaved.look(actor, lambda run: run.session.scalar(counting))
        self.paper.say(str(number))
        self._say_what_is_shown(seen)

    # --- the audit ---

    def _tell_readings(self, call: Call, record_id: uuid.UUID | None) -> None:
        """Whose charts were opened, on disk before anything of them is shown."""
        opened = sorted(self.unsaved.opened)
        for patient_id in opened:
            self.store.tell(self.actor, Act.READ, call.subject, patient_id=patient_id, record_id=record_id)
        if not opened and call.ways[0].searches:
            self.store.tell(self.actor, Act.SEARCH, call.subject)

    def _tell_refusal(self, call: Call, error: HmisError) -> None:
        if not isinstance(error, Forbidden | RecordLocked | NotFound):
            return
        about = min(self.unsaved.opened) if self.unsaved.opened else self._asked_for(call)
        self.store.tell_now(self.actor, Act.REFUSE, call.subject, patient_id=about, outcome=error.code)

    def _asked_for(self, call: Call) -> uuid.UUID | None:
        """Whose chart somebody asked for who was refused before it was opened, as far as that can be known."""
        if not call.ref and "patient" not in call.parents:
            return None
        with suppress(HmisError, DBAPIError), self.store.session(self.actor, writes=False) as session:
            if "patient" in call.parents:
                call = replace(call, kind=CLASSES["Patient"], ref=call.parents["patient"])
            return Run(session, self.unsaved.made).place(call)[0].patient.id
        return None

    # --- saying ---

    def _refuse(self, why: str) -> None:
        self.failed = True
        self.paper.say(f"*** {why}")

    def _say_list(self, call: Call, rows: list[dict[str, Any]], cursor: str | None) -> None:
        for row in rows:
            self._note(call.kind, row)
        self._more = replace(call, fields={**call.fields, "cursor": cursor}) if cursor else None
        if not rows:
            self.paper.say("None.")
            return
        self.paper.table(call.kind, rows)
        if cursor:
            self.paper.say(f"{len(rows)} shown; `more` goes on.")

    def _say_what_is_shown(self, with_unsaved: bool) -> None:
        if with_unsaved:
            self.paper.say("    (as it will be once you save)")
        elif self.unsaved.held:
            self.paper.say("    (without your unsaved changes: they cannot be saved as they are)")

    def _say_unsaved(self) -> None:
        if not self.unsaved.held:
            self.paper.say("Nothing waits to be saved.")
            return
        self.paper.say(f"{len(self.unsaved.held)} not saved:")
        for number, change in enumerate(self.unsaved.changes, 1):
            self.paper.say(f"  {number}  {change.handle + ': ' if change.handle else ''}{change}")
        if self.unsaved.in_doubt:
            self.paper.say("  (The last save may have arrived all the same: `save` asks, and saves nothing twice.)")

    def _say_saved(self, saved: list[Done]) -> None:
        self.paper.say(f"Saved {len(saved)} change{'' if len(saved) == 1 else 's'}.")
        newest = {done.id: done.row for done in saved if done.row}
        for done in saved:
            call = done.change
            if done.row:
                self._note(call.kind, done.row)
            elif done.id is not None:
                self.seen.note(call.kind.name, done.id, short(done.id))
            if call.handle and done.id is not None:
                row = newest.get(done.id, {})
                called = row.get(call.kind.number) if call.kind.number else short(done.id)
                label = call.kind.label(row) if row else ""
                self.paper.say(f"  {call.handle} is {call.kind.name} {called or done.id} {label}".rstrip())
            self._say_token(done)

    def _say_token(self, done: Done) -> None:
        if done.row.get("setup_token"):
            self.paper.say(f"  set-up token, shown this once, good for 72 hours: {done.row['setup_token']}")
        elif done.change.kind.gives.__name__ == "StaffOut" and done.change.verb in ("create", "activate", "invite"):
            self.paper.say("  the set-up token could not be shown; `invite` makes a new one")

    def _say_candidates(self, error: PossibleDuplicate) -> None:
        there = error.extra.get("candidates", [])
        for candidate in there:
            self.seen.note("Patient", candidate["id"], candidate["hospital_number"])
        self.paper.grid(
            [(title, False) for title in ("number", "name", "sex", "age", "why")],
            [[str(c.get(part) or "") for part in ("hospital_number", "name", "sex", "age", "why")] for c in there],
        )

    def _help_class(self, kind: Kind) -> None:
        self.paper.say(f"{kind.name}: {kind.says}")
        may = [
            verb for verb in kind.verbs if any(self.actor.may(need) for way in kind.ways_to(verb) for need in way.needs)
        ]
        self.paper.say(f"You may: {', '.join(may) or 'nothing with it'}.")
        for verb in ("create", "update", "all"):
            ways = kind.ways_to(verb)
            takes = ways[0].takes if ways else None
            if takes is None or verb not in may:
                continue
            parents = [f"{way.within.partition(':')[0]}=" for way in ways if way.within]
            named = [f"{name}{'*' if field.is_required() else ''}" for name, field in takes.model_fields.items()]
            words = {name: words_of(takes, name) for name in takes.model_fields}
            named = [
                f"{shown} ({' | '.join(words[shown.rstrip('*')])})" if words[shown.rstrip("*")] else shown
                for shown in named
                if shown != "cursor"
            ]
            owners = f"of {' or '.join(dict.fromkeys(parents))}; " if parents else ""
            self.paper.say(f"{verb}: {owners}{', '.join(named)}")

    def _note(self, kind: Kind, row: Mapping[str, Any]) -> None:
        key = row.get("id")
        if isinstance(key, uuid.UUID):
            self.seen.note(kind.name, key, str(row.get(kind.number) or short(key)) if kind.number else short(key))

    def _ask(self, question: str) -> str:
        if self.use_rawinput:
            return input(question).strip().lower()
        self.stdout.write(question)
        return self.stdin.readline().strip().lower()

    # --- being signed in ---

    def _who(self) -> Actor:
        """Who stands here, asked anew at each line: a session ends here as it does everywhere."""
        present = sessions.who(self.store, self._opened.token)
        if present is None and self._again is not None:
            self.paper.say("Your session has ended. Sign in again; what you did not save is still here.")
            opened = self._again()
            if opened.actor.staff_id != self.actor.staff_id:
                raise NotSignedIn("that is somebody else; quit, and sign in anew")
            self._opened = opened
            present = sessions.who(self.store, self._opened.token)
        if present is None:
            raise NotSignedIn("your session has ended; leave, and sign in again")
        self.actor = replace(present.actor, address=ADDRESS, request_id=uuid.uuid4().hex)
        return self.actor

    def _leave(self) -> None:
        try:
            sign_out_at_console(self.store, replace(self.actor, request_id=uuid.uuid4().hex))
        except SQLAlchemyError:
            minutes = self.store.settings.idle_minutes
            self.paper.say(f"*** The database does not answer; your session ends by itself in {minutes} minutes.")

    def _set_prompt(self) -> None:
        waiting = f" *{len(self.unsaved.held)}" if self.unsaved.held else ""
        where = f"(hmis {self.actor.role} {self.actor.staff_number}{waiting}) "
        self.prompt = where if self.interactive else ""

    def _write_down(self, error: Exception) -> str:
        """Keep the whole of an unexpected failure in a file beside the data; the id it is found by."""
        file = Path(self.store.settings.data_dir) / "console_errors.log"
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a") as log:
            log.write(f"{clock.iso(clock.now())} {self.actor.request_id}\n")
            log.writelines(traceback.format_exception(error))
        return self.actor.request_id or "console_errors.log"


def worded(error: HmisError) -> str:
    """A refusal in one line, in the console's own form: its name, what it says, and the fields it does not name."""
    detail = _SENT.sub(r"\1=\2", error.detail)
    silent = [name if why in error.detail else f"{name}: {why}" for name, why in error.fields.items()]
    silent = [said for said in silent if said.partition(":")[0] not in error.detail]
    return f"{error.code}: {detail}{_bracketed(silent)}"


_SENT = re.compile(r"`(\w+): (\w+)`")
"""What to send, as the API says it: `confirmed: true`."""
_SILENT = "the database does not answer, or is busy; nothing was done. Try again"
_BROKEN = "the database broke off during the save, so it may have arrived. `save` again: nothing is saved twice"


def _counting(kind: Kind) -> Way:
    """What counting a class asks for: it is no way of the registry, since it goes with every class alike."""
    return Way("count", "GET /stats", kind.counts, lambda session, place, query: None)


def _bracketed(parts: list[str]) -> str:
    return f" [{', '.join(parts)}]" if parts else ""
