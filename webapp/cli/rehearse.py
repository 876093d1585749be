"""`gridwhistle rehearse [FOLDER]`: runs every scenario and tells what the walks cover."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), required=False)
def command(folder: Path | None) -> None:
    """Run every scenario below FOLDER (the checkout's processes) in memory.

    Prints pass or fail per scenario and the coverage of flow nodes and branches per process. Exit code 0 when
    every scenario passed and nothing is uncovered, else 1.
    """
    from bpmn import scenarios
    from bpmn.errors import DefinitionError
    from handlers import shipped

    root = folder or shipped.path()
    try:
        report = scenarios.run_folder(root)
    except DefinitionError as error:
        for finding in error.facts["findings"]:
            click.echo(finding.as_line("en"))
        raise SystemExit(1) from error
    except scenarios.ScenarioError as error:
        click.echo(str(error))
        raise SystemExit(1) from error
    for result in report.results:
        click.echo(
            f"{'pass' if result.is_passed else 'FAIL'}  {Path(result.scenario.path).name}  {result.scenario.name}"
        )
        for problem in result.problems:
            click.echo(f"      {problem}")
    for coverage in report.coverage.values():
        click.echo(
            f"{coverage.process}: flow nodes {len(coverage.nodes_taken)} / {len(coverage.nodes)}, "
            f"branches {len(coverage.branches_taken)} / {len(coverage.branches)}"
        )
        for missing in (*coverage.nodes_missing, *coverage.branches_missing):
            click.echo(f"      not reached: {missing}")
    passed = sum(result.is_passed for result in report.results)
    click.echo(f"{passed} of {len(report.results)} scenarios passed")
    raise SystemExit(0 if report.is_passed else 1)
