"""`labbook confirm`: claims that were found in results are tested on fresh seeds."""

import argparse

HELP = (
    "Look again at claims that were said after their runs: writes studies with fresh seeds into "
    "params.yaml. Commit it, then run: these claims then stand before their runs."
)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What may follow the command's name."""
    parser.add_argument("claim", nargs="*", help="ids of claims; left out: all found and decided")
    parser.add_argument("--dry-run", action="store_true", help="show it all and write nothing")


def run(options: argparse.Namespace) -> None:
    """Write the studies that the claims need, and say what is to be done with them."""
    from labbook.files import write_text
    from labbook.history.rule import NOT_KNOWN
    from labbook.history.said import what_was_said
    from labbook.params.load import making, params_path
    from labbook.provenance.graph import Graph
    from labbook.starting import confirmation

    graph, path = Graph.load(), params_path()
    found = what_was_said(graph).claims
    claims = confirmation.chosen(found, options.claim)
    if not claims:
        print("Nothing to confirm: no decided claim was said after its runs without a look again.")
        unknown = [one.claim.id for one in found if one.when.said == NOT_KNOWN and not one.by]
        if unknown:
            print(f"Not known of (name those that you want to confirm): {', '.join(unknown)}.")
        return
    made = confirmation.confirmations(graph, claims, path)
    text = confirmation.text_with(path, made)
    print("studies:")
    for one in made:
        print("\n".join(map(str, one.lines)))
    print()
    for one in made:
        print(f"{confirmation.in_words(one)}.")
    if options.dry_run:
        print("Nothing was written (--dry-run).")
        return
    write_text(path, text)
    print(
        f"Written into {path}. Now, in this order: git commit -m 'What is to be confirmed' {path}, "
        f"then {making('results/report.html')}. So these claims stand in a commit before their "
        "runs; `labbook said` then says which were confirmed."
    )
