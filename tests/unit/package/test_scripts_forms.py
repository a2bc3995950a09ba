"""Form fields that ask for personal data."""

from __future__ import annotations

import pytest

from pipeline.package.forms import asks_for


@pytest.mark.parametrize(
    ("kind", "words", "what"),
    [
        ("email", "", "email"),
        ("tel", "", "phone"),
        ("password", "", "password"),
        ("text", "Аты-жөніңіз", "name"),
        ("text", "Атыңызды жазыңыз", "name"),
        ("text", "Ф.И.О.", "name"),
        ("text", "Фамилия", "name"),
        ("text", "введите имя", "name"),
        ("text", "first_name", "name"),
        ("text", "ЖСН", "iin"),
        ("text", "ИИН ученика", "iin"),
        ("text", "Электронная почта", "email"),
        ("text", "электрондық пошта", "email"),
        ("text", "user e-mail", "email"),
        ("text", "Телефон нөмірі", "phone"),
        ("text", "Дата рождения", "birth"),
        ("text", "туған күніңіз", "birth"),
        ("textarea", "Домашний адрес", "address"),
        ("date", "bday", "birth"),
    ],
)
def test_a_field_for_personal_data_is_known(kind: str, words: str, what: str) -> None:
    assert asks_for(kind, words) == what


@pytest.mark.parametrize(
    "words",
    [
        "", "answer1 жауабы", "Имя переменной", "название дроби", "имя героя", "number of students", "сөз", "ответ",
        "топтың аты", "телеграмма текст", "username_is_variable x", "почтальон", "файл аты", "тест", "тегіс",
    ],
)  # fmt: skip
def test_a_field_for_an_answer_is_not(words: str) -> None:
    assert asks_for("text", words) is None


@pytest.mark.parametrize("kind", ["radio", "checkbox", "hidden", "search", "number"])
def test_a_choice_is_no_question_for_data(kind: str) -> None:
    assert asks_for(kind, "телефон email фамилия") is None


@pytest.mark.parametrize(
    ("shown", "what"),
    [
        ("Ваша фамилия и имя:", "name"),
        ("Фамилия, имя", "name"),
        ("Фамилия ученика", "name"),
        ("Номер телефона", "phone"),
        ("Введите номер телефона (обязательно)", "phone"),
        ("Дата рождения (дд.мм.гггг)", "birth"),
        ("Как ваша фамилия?", "name"),
        ("Аты-жөніңіз", "name"),
        ("Оқушының аты-жөні", "name"),
        ("Телефон нөмірі", "phone"),
        ("Enter your phone number", "phone"),
        ("First name *", "name"),
    ],
)
def test_a_label_that_asks_for_the_pupils_own_is_known(shown: str, what: str) -> None:
    assert asks_for("text", "q1", shown) == what


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("text", "Назовите фамилию автора"),
        ("text", "Кто изобрёл телефон?"),
        ("text", "Дата рождения Абая"),
        ("text", "Фамилия автора романа"),
        ("text", "Номер школы (задача 5)"),
        ("text", "Телефон по-английски"),
        ("text", "Абайдың туған күні"),
        ("text", "Surname of the inventor"),
        ("password", "Введите код от сейфа (квест)"),
        ("tel", "Ответ в метрах"),
    ],
)
def test_an_exercise_about_others_is_no_question_for_own_data(kind: str, shown: str) -> None:
    assert asks_for(kind, "q1", shown) is None
