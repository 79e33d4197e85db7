"""A check as JUnit XML, which Jenkins, GitLab and others show: one test case a statistic."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Xml

from .._version import __version__
from ..conformance.report import Finding, Report

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold, not even escaped."""


def check_junit(report: Report, name: str) -> str:
    """Return the report of a check of `name` as JUnit XML; a failure has the whole report as its text.

    Beside the statistics there is a case for finite entries and, where the weights have no atoms, one for networks that are different ones.
    """
    text = _plain(str(report))
    cases = [_statistic(finding) for finding in report.findings]
    cases.append(("finite", f"{report.not_finite:,} Jacobians are not finite" if report.not_finite else ""))
    if not any(law.has_atoms for law in report.network.laws):
        repeated = f"{report.repeated:,} Jacobians are equal, to the bit, to the one before"
        cases.append(("different networks", repeated if report.mostly_repeated else ""))
    counts = {"tests": str(len(cases)), "failures": str(sum(bool(message) for _, message in cases)), "errors": "0"}
    root = Xml.Element("testsuites", counts)
    suite = Xml.SubElement(root, "testsuite", {"name": _plain(f"pathmoments check {name}"), **counts, "skipped": "0"})
    properties = Xml.SubElement(suite, "properties")
    for key, value in _properties(report).items():
        Xml.SubElement(properties, "property", {"name": key, "value": _plain(value)})
    for title, message in cases:
        case = Xml.SubElement(suite, "testcase", {"classname": _plain(name), "name": title, "time": "0"})
        if message:
            failure = Xml.SubElement(case, "failure", {"message": message, "type": "ConformanceError"})
            failure.text = text
    Xml.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(root, encoding="unicode")


def _statistic(finding: Finding) -> tuple[str, str]:
    """Return the name of a statistic, and what is wrong with it: nothing if it passed."""
    if finding.passed:
        return finding.quantity, ""
    return (
        finding.quantity,
        f"mean {finding.observed:.6g}, exact {float(finding.exact):.6g}, p = {finding.p_value:.2g} <= {float(finding.level):.2g}",
    )


def _properties(report: Report) -> dict[str, str]:
    return {
        "version": __version__,
        "network": repr(report.network),
        "seed": "" if report.seed is None else str(report.seed),
        "samples": str(report.samples),
        "planned": "" if report.planned is None else str(report.planned),
        "effect": str(report.rates.effect),
        "false_alarm": str(report.rates.false_alarm),
        "miss": str(report.rates.miss),
        "arithmetic": report.arithmetic,
    }


def _plain(text: str) -> str:
    return _NOT_XML.sub("?", text)
