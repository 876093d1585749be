"""Finding categories and conditions: by code, by what a person types, and between code sets.

Every function takes an optional session: with it the answer is that of the database now, without it that of the
process's last snapshot (see `snapshots`). Retired entries are found by their code and never offered.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from bpmn.errors import NotFoundError
from handlers.catalogue.snapshots import snapshot
from handlers.catalogue.values import Category, Condition, Major


def category(code: str, kind: str, *, code_set: str | None = None, session: Session | None = None) -> Category:
    """The category of a code (`0110`), of the set of new cases unless another is named.

    :raises NotFoundError: there is none.
    """
    found = snapshot(session).code_set(code_set).categories.get((kind, code))
    if found is None:
        raise NotFoundError(what="category", kind=kind, category=code)
    return found


def categories(
    kind: str | None = None, *, code_set: str | None = None, session: Session | None = None
) -> tuple[Category, ...]:
    """The categories that new cases may have, events first, by code."""
    found = snapshot(session).code_set(code_set).categories.values()
    return tuple(each for each in found if not each.is_retired and kind in (None, each.kind))


def majors(
    kind: str | None = None, *, code_set: str | None = None, session: Session | None = None
) -> tuple[Major, ...]:
    """The major categories of a set."""
    return tuple(each for each in snapshot(session).code_set(code_set).majors if kind in (None, each.kind))


def conditions(
    category_code: str, kind: str, *, code_set: str | None = None, session: Session | None = None
) -> tuple[Condition, ...]:
    """The conditions a case of this category may be filed under: those in force that have a limit.

    :raises NotFoundError: there is no such category.
    """
    found = category(category_code, kind, code_set=code_set, session=session)
    return tuple(each for each in found.conditions if not each.is_retired and each.limit is not None)


def condition(
    category_code: str, kind: str, code: str, *, code_set: str | None = None, session: Session | None = None
) -> Condition:
    """The condition of a code such as `E0101-2`, or of its bare ordinal; retired ones too.

    :raises NotFoundError: the category has no such condition.
    """
    for each in category(category_code, kind, code_set=code_set, session=session).conditions:
        if code in (each.code, str(each.ordinal)):
            return each
    raise NotFoundError(what="condition", category=category_code, condition=code)


def search(
    text: str, kind: str | None = None, *, limit: int = 20, code_set: str | None = None, session: Session | None = None
) -> tuple[Category, ...]:
    """Categories for what a person typed: code, Chinese, pinyin initials or English; best first, then by code.

    Every word must match something; an empty text finds nothing.
    """
    words = text.casefold().split()
    if not words:
        return ()
    ranked = []
    for each in categories(kind, code_set=code_set, session=session):
        ranks = [_rank(each, word) for word in words]
        if all(rank is not None for rank in ranks):
            ranked.append((max(rank for rank in ranks if rank is not None), each.kind != "event", each.code, each))
    return tuple(found for *_, found in sorted(ranked, key=lambda entry: entry[:3])[:limit])


def translate(
    from_set: str, kind: str, code: str, to_set: str | None = None, *, session: Session | None = None
) -> Category | None:
    """The category of another code set that a code of `from_set` stands for; None: a person has to decide.

    Codes are never taken over by number: events 04 and 05 are swapped between CJ/T 214 and GB/T 30428.2.

    :raises NotFoundError: `from_set` has no such code.
    """
    held = snapshot(session)
    source, target = held.code_set(from_set), held.code_set(to_set)
    if (kind, code) not in source.categories:
        raise NotFoundError(what="category", kind=kind, category=code)
    if source.id == target.id:
        return source.categories[kind, code]
    there = held.mappings.get((source.id, kind, code, target.id))
    if there is None:
        backwards = {
            from_code: to
            for (set_from, its_kind, to, set_to), from_code in held.mappings.items()
            if (set_from, its_kind, set_to) == (target.id, kind, source.id) and from_code is not None
        }
        there = backwards.get(code)
    return target.categories.get((kind, there)) if there is not None else None


def _rank(each: Category, word: str) -> int | None:
    """How well a word fits, 0 best; None: not at all."""
    tests = (
        word in (each.code, each.full_code.casefold()),
        each.name == word,
        each.code.startswith(word) or each.full_code.casefold().startswith(word),
        each.name.startswith(word),
        word in each.name,
        each.initials.startswith(word),
        len(word) > 1 and word in each.initials,
        len(word) > 1 and any(part.startswith(word) for part in each.name_en.casefold().replace("/", " ").split()),
        len(word) > 1 and word in each.name_en.casefold(),
        not word.isascii() and (word in each.major or any(word in condition.name for condition in each.conditions)),
    )
    return next((rank for rank, fits in enumerate(tests) if fits), None)
