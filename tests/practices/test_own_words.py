"""Words are the group's: Hounslow said “network”, not “service”, and “care partner”."""

from __future__ import annotations

from tests.support.factories import TODAY, days

WORDS = """project = network, networks
member = care partner, care partners
lead = organiser, organisers
stage = step, steps"""


def test_pages_and_letters_of_a_project_say_the_words_it_chose(walk) -> None:
    aimed = TODAY + days(60)
    here = walk(stage="design", entered=TODAY, plan={"design": aimed})
    here.send("lead-1", "/words", terms=WORDS)
    assert "In this network" in here.see("lived-1")
    assert "In this project" not in here.see("lived-1")
    assert "Care partner" in here.see("lead-1", "/people/invite")
    assert "project" not in here.see("lived-1", "/stress_test/ask/how_is_it_going").replace("/project", "")
    here.go_to(aimed)
    assert "The plan is to go on to the next step on 1 May 2026." in here.mail()["lead-1"]
    history = here.see("lived-1", "/history")
    assert "chose the words this project goes by: “project”: “network”" in history


def test_what_people_wrote_stays_as_they_wrote_it(walk) -> None:
    here = walk(stage="design")
    here.send("lead-1", "/words", terms=WORDS)
    here.send("lived-1", "/outputs/output/add", title="A member of the project", kind="paper", planned_end=TODAY)
    assert "A member of the project" in here.see("practice-1", "/gate")
    question = {"question": "Which member begins?", "options": "A member of the project\nNo member", "method": "vote"}
    here.send("lived-1", "/decisions/log", form="put", **question)
    vote = "/decisions/ask/ballot/which-member-begins"
    here.send("lead-1", vote, do="open with names")
    assert "Which member begins? A member of the project No member" in here.see("practice-1", vote)
    assert "Which member begins?" in here.mail()["practice-1"]
    for place in ("/outputs/output", "/outputs/output/a-member-of-the-project"):
        assert "A member of the project" in here.see("practice-1", place)
    here.send("lived-1", "/ways_of_working/agreement", do="write", text="Members of the project knock.", after=0)
    assert "Members of the project knock." in here.see("practice-1", "/ways_of_working/agreement")


def test_a_word_nobody_can_change_is_refused_and_what_was_typed_comes_back(walk) -> None:
    here = walk(stage="design")
    came_back = here.send("lead-1", "/words", expect=422, terms="service = network, networks")
    assert "There is no word “service” to change." in came_back
    assert "service = network, networks" in came_back
    came_back = here.send("lead-1", "/words", expect=422, terms="member = <b>x</b>, y")
    assert "no brackets or quotation marks" in came_back
    assert "In this project" in here.see("lead-1")


def test_a_lead_or_the_coordinator_chooses_and_a_word_is_shown_as_text(walk) -> None:
    here = walk(stage="design")
    client = here.client("lived-1")
    assert client.get("/projects/kettle/words").status_code == 403
    here.send("lead-1", "/words", terms='project = R&D "circle", R&D circles')
    page = here.client("lived-1").get("/projects/kettle").get_data(as_text=True)
    assert "In this R&amp;D &#34;circle&#34;" in page


def test_an_organisations_words_hold_in_all_its_projects_and_a_projects_own_come_first(walk) -> None:
    from govflow.services.base.actions import Actor, person_by_email
    from govflow.services.people import organisations
    from govflow.services.people.people import invite_person

    here = walk(stage="design")
    with here.open():
        invite_person(email="admin@example.org", name="Admin", organisation="hearth", admin=True)
        admin = Actor(person_by_email("admin@example.org").id, strong=True)
        rules = {"terms": "project = circle, circles\ngate = door, doors"}
        organisations.change_rules(organisation="hearth", given=rules, by=admin, today=TODAY)
    assert "In this circle" in here.see("lived-1")
    assert "See the door" in here.see("lived-1")
    here.send("lead-1", "/words", terms="project = network, networks")
    shown = here.see("lived-1")
    assert "In this network" in shown
    assert "See the door" in shown


def test_the_evidence_for_people_outside_can_be_taken_away_in_own_words(walk) -> None:
    here = walk(stage="design")
    here.send("lead-1", "/words", terms="stage = step, steps")
    answer = here.client("lived-1").get(f"/projects/{here.project.slug}/evidence.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Content-Disposition"] == "attachment; filename=evidence-kettle-project.pdf"
    assert answer.data.startswith(b"%PDF")
