"""Every endpoint of the portal and how the leak tests reach it.

An endpoint that is not in this table fails `test_census`: a new page, feed or file comes with
its place here. `paths` are filled with the ids of the world; a POST is sent with `form`.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Reach:
    """How to reach one endpoint: paths with {placeholders}, and the form of a write."""

    paths: tuple[str, ...] = ()
    form: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    why_not: str = ""


def get(*paths: str) -> Reach:
    """A page."""
    return Reach(paths)


def post(path: str, **form: str) -> Reach:
    """A write; sent for a hidden thing and for one that never existed, whose answers must be alike."""
    return Reach((path,), form, "POST")


def apart(why: str) -> Reach:
    """Not crawled here, for a reason."""
    return Reach(why_not=why)


STEP = {"comment": "x", "language": "en"}
CENSUS: dict[str, Reach] = {
    "root.choose_language": apart("a redirect by language; reads nothing"),
    "home.set_theme": apart("sets a cookie; reads nothing"),
    "home.index": get("/"),
    "home.about": get("/about"),
    "home.help": get("/help"),
    "home.editorial_policy": get("/editorial-policy"),
    "home.accessibility": get("/accessibility"),
    "home.privacy": get("/privacy"),
    "home.terms": get("/terms"),
    "finding.search": get(
        "/search",
        "/search?q=customs",
        "/search?q={canary}",
        "/search?q=%22{canary}%22",
        "/search?q={canary_start}*",
        "/search?q={canary_misspelt}",
        "/search?q=customs&sort=newest",
        "/search?topic=TFA-3",
        "/search?country=FJ",
        "/search?organisation={owner}",
        "/search?year=2026",
        "/search?language=en&kind=lesson_learned",
        "/search?q=-customs",
        "/search?q=customs&show=figures",
        "/search?q=customs&sort=adopted",
        "/search?q=customs+country:FJ+-org:PER+topic:TFA+year:2020..",
        "/search?q=country:{canary}",
        "/search?q=resoluciones+anticipadas&plain=TFA-3",
    ),  # fmt: skip
    "finding.export": get(
        "/search/export.csv",
        "/search/export.json",
        "/search/export.bib",
        "/search/export.csv?q=customs+country:FJ",
        "/search/export.json?q={canary}",
        "/search/export.bib?q={canary_start}*&organisation={owner}",
    ),
    "finding.search_help": get("/help/search"),
    "finding.topics": get("/topics"),
    "finding.suggestions": get(
        "/search/suggestions?q=cus",
        "/search/suggestions?q=advance",
        "/search/suggestions?q=fiji",
        "/search/suggestions?q={canary}",
        "/search/suggestions?q={canary_start}",
        "/search/suggestions?q=customs+{canary_start}",
    ),  # fmt: skip
    "finding.like": get(
        "/search/like/{public}",
        "/search/like/{public}?few=1",
        "/search/like/{hidden}",
        "/search/like/{hidden}-canary",
    ),  # fmt: skip
    "finding.thesaurus": get("/moderation/thesaurus", "/moderation/thesaurus?q=window&page=2"),
    "finding.synonyms": get("/moderation/thesaurus/TFA-3"),
    "finding.remove_synonym": apart("the vocabulary, for moderators; tests/finding: others get 404"),
    "finding.candidates": apart("what the crawl itself searches in vain; tests/finding: others get 404"),
    "finding.adopt": apart("what was searched in vain, for moderators; tests/finding: others get 404"),
    "finding.dismiss": apart("what was searched in vain, for moderators; tests/finding: others get 404"),
    "publishing.index": get(
        "/contributions", "/contributions?kind=reform_update", "/contributions?kind=lesson_learned"
    ),
    "publishing.show": get(
        "/contributions/{public}", "/contributions/{hidden}", "/contributions/{hidden}-canary"
    ),
    "publishing.print_view": get("/contributions/{public}/print", "/contributions/{hidden}/print"),
    "publishing.history": get("/contributions/{public}/history", "/contributions/{hidden}/history"),
    "publishing.compare": get("/contributions/{hidden}/versions/{hidden_revision}"),
    "publishing.edit": get("/contributions/{hidden}/edit"),
    "publishing.new": get("/contributions/new?kind=reform_update"),
    "publishing.workspace": get(
        "/workspace",
        "/workspace?tab=house",
        "/workspace?tab=waiting",
        "/workspace?tab=published",
        "/workspace?tab=clearance",
    ),  # fmt: skip
    "publishing.autosave": post("/contributions/{hidden}/autosave", title="x"),
    "publishing.autosave_new": apart("creates the caller's own text"),
    "publishing.preview": apart("renders what is sent and reads nothing"),
    **{
        f"publishing.{step}": post(f"/contributions/{{hidden}}/{step}", **STEP)
        for step in (
            "submit",
            "withdraw",
            "clear",
            "send_back",
            "appeal",
            "confirm_edit",
            "refuse_edit",
            "unpublish",
            "restore",
            "narrow",
            "request_translation",
        )
    },
    "notifications.preferences": get("/inbox/preferences"),
    "notifications.stop": get("/unsubscribe/x"),
    "packs.index": get(
        "/packs",
        "/packs?contribution={hidden}",
        "/packs?contribution={public}",
        "/packs?organisation={owner}",
    ),
    "packs.order": post("/packs", subject="contribution", key="{hidden}", language="en"),
    "packs.download": get("/packs/{hidden}/download"),
    "packs.remove": post("/packs/{hidden}/remove"),
    "packs.printed": get("/print?topic=TFA-3", "/print?organisation={owner}", "/print?topic={hidden}"),
    "following.index": get(
        "/following",
        "/following?contribution={hidden}",
        "/following?contribution={public}",
        "/following?organisation={owner}",
        "/following?topic=TFA-3",
    ),
    "following.follow": post("/following", kind="contribution", key="{hidden}"),
    "following.unfollow": post("/following/{hidden}/stop"),
    "following.choose": post("/following/{hidden}/mail", frequency="now"),
    "following.make_feed": apart("makes a token of one's own; tests/following"),
    "following.revoke_feed": apart("ends a token of one's own; tests/following"),
    "following.latest_feed": get(
        "/feeds/latest.atom",
        "/feeds/latest.atom?organisation={owner}",
        "/feeds/latest.atom?topic=TFA-3",
        "/feeds/latest.atom?country=FJ",
        "/feeds/latest.atom?kind=reform_update",
    ),
    "following.own_feed": get("/feeds/x.atom"),
    "alerts.index": get("/searches"),
    "alerts.new": get(
        "/searches/new?q=customs",
        "/searches/new?q={canary}",
        "/searches/new?q=%22{canary}%22&topic=TFA-3",
        "/searches/new?organisation={owner}",
    ),
    "alerts.edit": get("/searches/{hidden}"),
    "alerts.delete": get("/searches/{hidden}/delete"),
    "alerts.pause": post("/searches/{hidden}/pause"),
    "alerts.resume": post("/searches/{hidden}/resume"),
    "alerts.make_feed": apart("makes a token of one's own; tests/alerts: others get 404"),
    "alerts.revoke_feed": apart("ends a token of one's own; tests/alerts: others get 404"),
    "alerts.feed": get("/searches/feeds/x.atom", "/searches/feeds/{viewer}.atom"),
    "discussion.index": get(
        "/contributions/{public}/comments",
        "/contributions/{hidden}/comments",
        "/contributions/{hidden}/comments?thread={hidden_comment}",
        "/contributions/{public}/comments?thread={hidden_comment}",
        "/contributions/{public}/comments?reply_to={hidden_comment}",
    ),
    "discussion.post": post("/contributions/{hidden}/comments", text="x", language="en"),
    "discussion.edit": get(
        "/contributions/{hidden}/comments/{hidden_comment}/edit",
        "/contributions/{public}/comments/{hidden_comment}/edit",
    ),
    "discussion.remove": post("/contributions/{hidden}/comments/{hidden_comment}/remove"),
    "discussion.report": get("/contributions/{hidden}/comments/{hidden_comment}/report"),
    "discussion.answered": post("/contributions/{hidden}/comments/{hidden_comment}/answered", reply="x"),
    "discussion.versions": get(
        "/contributions/{hidden}/comments/{hidden_comment}/versions",
        "/contributions/{public}/comments/{hidden_comment}/versions",
    ),
    "lessons.uses": get("/contributions/{hidden}/uses", "/contributions/{public}/uses"),
    "lessons.withdraw_use": post("/contributions/{hidden}/uses/withdraw"),
    "lessons.holds": get("/contributions/{hidden}/holds"),
    "matching.matches": get(
        "/contributions/{hidden}/matches",
        "/contributions/{public}/matches",
        "/contributions/{matched}/matches",
        "/contributions/{matched}/matches?undo={hidden}",
        "/contributions/{matched}/matches?show=dismissed",
    ),
    "matching.dismiss": post("/contributions/{hidden}/matches/dismiss", other="{hidden}"),
    "matching.take_back": post("/contributions/{hidden}/matches/take_back", other="{hidden}"),
    "matching.similar": get(
        "/contributions/similar?kind=need&topics=TFA-3&countries=FJ",
        "/contributions/similar?kind=offer&topics=TFA-3&id={hidden}",
    ),
    "matching.coverage": get(
        "/cooperation/coverage",
        "/cooperation/coverage?region=AP&topic=TFA&show=gaps",
        "/cooperation/coverage?show=crowds",
    ),
    "matching.behind": get(
        "/cooperation/coverage/posts?kind=offer&topic=TFA-3",
        "/cooperation/coverage/posts?kind=offer&topic=TFA-3&place=FJ",
        "/cooperation/coverage/posts?kind=need&topic=TFA-3&place=AP",
    ),
    "board.index": get(
        "/cooperation",
        "/cooperation?all=1",
        "/cooperation?kind=need&topic=TFA-3&country=FJ",
        "/cooperation?kind=offer&region=AP&help=expertise",
        "/cooperation?closing=30",
        "/cooperation?closing=none&standing=unanswered",
    ),
    "board.export": get("/cooperation/list.csv", "/cooperation/list.csv?kind=need"),
    "board.compare": get(
        "/cooperation/compare?offer={hidden}", "/cooperation/compare?offer={hidden}&offer={public}"
    ),
    "cooperation.answers": get(
        "/contributions/{hidden}/answers",
        "/contributions/{public}/answers",
    ),
    "cooperation.print_answers": get("/contributions/{hidden}/answers/print"),
    "cooperation.export_answers": get("/contributions/{hidden}/answers.csv"),
    "cooperation.circulate": get("/contributions/{hidden}/circulate"),
    "cooperation.close": get("/contributions/{hidden}/close"),
    "cooperation.reopen": post("/contributions/{hidden}/reopen"),
    "cooperation.unanswered": get("/cooperation/unanswered"),
    "cooperation.commitments": get(
        "/organisations/{owner}/commitments",
        "/organisations/{other}/commitments",
        "/organisations/{hidden}/commitments",
    ),
    "translating.desk": get(
        "/translations",
        "/translations?state=",
        "/translations?language=es&kind=reform_update&state=missing",
        "/translations?tab=table",
    ),  # fmt: skip
    "translating.translate": get(
        "/contributions/{hidden}/translate/fr", "/contributions/{public}/translate/fr"
    ),
    "translating.autosave": post("/contributions/{hidden}/translate/fr/autosave", title="x"),
    "translating.answer": post("/contributions/{hidden}/translate/es/withdraw", comment="x"),
    "moderation.queue": get(
        "/moderation",
        "/moderation?tab=authors",
        "/moderation?tab=decided",
        "/moderation?tab=comments",
        "/moderation?tab=down",
        "/moderation?sort=newest",
    ),  # fmt: skip
    "moderation.review": get("/moderation/{hidden_case}"),
    "moderation.propose_edit": get("/moderation/{hidden_case}/propose_edit"),
    "moderation.decide_comment": post("/moderation/comments/{hidden_comment}", hide_comment="", comment="x"),
    "moderation.restore": post("/moderation/restore/{hidden}", comment="x"),
    **{
        f"moderation.{step}": post(
            f"/moderation/{{hidden_case}}/{step}", comment="x", version="1", approve="1"
        )
        for step in ("claim", "release", "hand_over", "decide", "note")
    },
    "attachments.manage": get("/contributions/{hidden}/files"),
    "attachments.attach": post("/contributions/{hidden}/files"),
    "attachments.entitle": post("/contributions/{hidden}/files/title", file_id="{hidden_file}", title="x"),
    "attachments.remove": post("/contributions/{hidden}/files/remove", file_id="{hidden_file}"),
    "attachments.begin": post("/contributions/{hidden}/uploads", name="x.pdf"),
    "attachments.standing": apart("the caller's own uploads; tests/attachments: others get 404"),
    "attachments.piece": apart("the caller's own uploads; tests/attachments: others get 404"),
    "attachments.drop": apart("the caller's own uploads; tests/attachments: others get 404"),
    "attachments.download": get("/files/{hidden_file}/x.docx", "/files/{hidden_file}/x.docx?view"),
    "organisations.index": get("/organisations", "/organisations?q={canary}"),
    "organisations.request_access": get("/request-access"),
    "organisations.edit": get("/organisations/{owner}/edit"),
    "organisations.members": get("/organisations/{owner}/members"),
    "organisations.invite": apart("tests/organisations: outsiders get 404"),
    "organisations.change_role": apart("tests/organisations: outsiders get 404"),
    "organisations.remove_member": apart("tests/organisations: outsiders get 404"),
    "organisations.revoke_invitation": apart("tests/organisations: outsiders get 404"),
    "organisations.answer_request": apart("tests/organisations: outsiders get 404"),
    "organisations.set_clearance": apart("tests/organisations: outsiders get 404"),
    "organisations.show": get("/organisations/{owner}", "/organisations/{other}"),
    "accounts.sign_in": get("/sign-in"),
    "accounts.profile": get("/account"),
    "accounts.browsers": get("/account/browsers"),
    "accounts.change_password": get("/account/password"),
    "accounts.forgot": get("/forgot-password"),
    "accounts.reset": get("/reset-password/unknown"),
    "accounts.accept_invitation": get("/invitations/unknown"),
    "accounts.end_session": apart("ends a session of the caller's own"),
    "accounts.sign_out": apart("ends the caller's own session"),
    "accounts.switch_organisation": apart("chooses among the caller's own memberships"),
    "notifications.inbox": get("/inbox"),
    "notifications.open": get("/inbox/{hidden}"),
    "notifications.read": apart("marks the caller's own"),
    "administration.index": get("/administration"),
    "administration.people": get("/administration/people"),
    "administration.person": get("/administration/people/{hidden}"),
    "administration.jobs": get("/administration/jobs"),
    "administration.audit": get("/administration/audit"),
    "administration.vocabulary": get("/administration/vocabulary"),
    "administration.country": get("/administration/vocabulary/countries/TH"),
    "administration.topic": get("/administration/vocabulary/topics/TFA-3"),
    "administration.organisations": get("/administration/organisations"),
    "administration.new_organisation": get("/administration/organisations/new"),
    "administration.organisation": get("/administration/organisations/{owner}"),
    **{
        f"administration.{step}": apart("for administrators alone; tests/administration")
        for step in (
            "suspend_person",
            "reinstate_person",
            "end_sessions",
            "set_administrator",
            "set_scopes",
            "set_translates",
            "retry_job",
            "suspend_organisation",
            "reactivate_organisation",
        )
    },
    "exchange.export": get("/exchange/needs-and-offers.xml", "/exchange/needs-and-offers.csv"),
    "exchange.conflicts": get("/exchange/conflicts"),
    "exchange.conflict": get("/exchange/conflicts/{hidden}"),
    "exchange.settle": post("/exchange/conflicts/{hidden}/keep_ours"),
    "exchange.imports": get("/exchange/imports"),
    "exchange.confirm_import": apart("for administrators alone; tests/exchange: others get 404"),
    "cooperation.threads": get("/cooperation/threads", "/cooperation/threads?show=unread"),
    "cooperation.thread": get("/cooperation/threads/{hidden_thread}"),
    "cooperation.write": post("/cooperation/threads/{hidden_thread}/messages", body="x", language="en"),
    "cooperation.download": get("/cooperation/files/{hidden_file}/x.docx"),
    "cooperation.invite": get("/cooperation/threads/{hidden_thread}/invite"),
    **{
        f"cooperation.{step}": post(f"/cooperation/threads/{{hidden_thread}}/{step}", organisation="x")
        for step in ("consent", "refuse", "accept", "decline")
    },
    "cooperation.meet": get("/cooperation/threads/{hidden_thread}/meetings"),
    "cooperation.move": get("/cooperation/threads/{hidden_thread}/meetings/{hidden_meeting}"),
    "cooperation.call_off": post("/cooperation/threads/{hidden_thread}/meetings/{hidden_meeting}/call-off"),
    "cooperation.invitation": get(
        "/cooperation/threads/{hidden_thread}/meetings/{hidden_meeting}/invitation.ics"
    ),
    "cooperation.propose": get("/cooperation/threads/{hidden_thread}/agreement"),
    "cooperation.agree": post("/cooperation/threads/{hidden_thread}/agree", version="1"),
    "cooperation.commitment": get("/cooperation/threads/{hidden_thread}/commitments/{hidden_commitment}"),
    "cooperation.note": post(
        "/cooperation/threads/{hidden_thread}/commitments/{hidden_commitment}/note", text="x", language="en"
    ),
    "cooperation.settle": post(
        "/cooperation/threads/{hidden_thread}/commitments/{hidden_commitment}/settle", drop="", reason="x"
    ),
    "cooperation.begin_lesson": post("/cooperation/threads/{hidden_thread}/lesson"),
    "cooperation.oversight": get("/administration/threads"),
    "cooperation.open_with_reason": get("/administration/threads/{hidden_thread}"),
    "health.live": get("/health/live"),
    "health.ready": get("/health/ready"),
}
