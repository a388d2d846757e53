"""The workflow as data, contributions with their editions and revisions, comparison, `resolve`."""
