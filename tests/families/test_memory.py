from automl_text.families.memory import Memory


def test_a_value_is_made_once():
    made = []
    memory = Memory(max_bytes=100, size=len)
    assert memory.get("a", lambda: made.append(1) or "xx") == "xx"
    assert memory.get("a", lambda: made.append(2) or "yy") == "xx"
    assert made == [1]


def test_the_least_recently_used_goes_first():
    memory = Memory(max_bytes=4, size=len)
    for key in "aba":
        memory.get(key, lambda: "xx")
    memory.get("c", lambda: "xx")
    assert len(memory) == 2
    assert memory.get("a", lambda: "new") == "xx"
    assert memory.get("b", lambda: "new") == "new"


def test_one_value_stays_however_large():
    memory = Memory(max_bytes=1, size=len)
    memory.get("a", lambda: "far too large")
    assert memory.get("a", lambda: "new") == "far too large"
