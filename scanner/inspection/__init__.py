"""From a source to versions, findings and cases: one inspection, its crawls, its ledger, its health.

``conduct`` runs an inspection; ``crew`` has its partitions crawled; ``filing`` and ``segments`` know what lies in the
spool; ``intake`` moves it into the store; ``coverage``, ``health`` and ``absence`` say what may be concluded from it.
"""
