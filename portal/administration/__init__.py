"""The secretariat's back office: organisations, people, vocabulary, failed jobs, audit."""
