"""The verbs of accounts: everything that writes."""

from portal.accounts.actions.sessions import confirm_session, end_other_sessions, end_session, start_session

__all__ = ["confirm_session", "end_other_sessions", "end_session", "start_session"]
