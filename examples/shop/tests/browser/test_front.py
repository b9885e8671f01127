"""The shop as a person sees it: a real browser, in a container of its own."""

import os
from collections.abc import Iterator

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Remote]:
    options = webdriver.ChromeOptions()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(flag)
    driver = webdriver.Remote(os.environ["WEBDRIVER_URL"], options=options)
    yield driver
    driver.quit()


@pytest.fixture
def shop(browser: webdriver.Remote) -> webdriver.Remote:
    browser.get(os.environ["WEB_URL"])
    assert browser.title == "The Shop"
    return browser


def order(shop: webdriver.Remote, product: str, pieces: int) -> str:
    """Order it as a person does; what the page says once the worker has seen the order."""
    Select(shop.find_element(By.NAME, "product")).select_by_visible_text(product)
    shop.find_element(By.NAME, "pieces").clear()
    shop.find_element(By.NAME, "pieces").send_keys(str(pieces))
    shop.find_element(By.ID, "order").click()
    wait = WebDriverWait(shop, 10, ignored_exceptions=[NoSuchElementException, StaleElementReferenceException])
    return wait.until(settled, "the order was never settled")


def settled(shop: webdriver.Remote) -> str | None:
    said = shop.find_element(By.ID, "state").text
    if not said.endswith("new"):
        return said
    shop.refresh()
    return None


def test_the_shelf_shows_what_there_is(shop: webdriver.Remote) -> None:
    assert "lantern: 0 at 18.00" in [item.text for item in shop.find_elements(By.CLASS_NAME, "product")]


def test_a_person_orders_an_anchor(shop: webdriver.Remote) -> None:
    assert order(shop, "anchor", 1).endswith("1 × anchor, shipped")
    assert "anchor: 2 at 1299.00" in [item.text for item in shop.find_elements(By.CLASS_NAME, "product")]


def test_a_person_is_told_when_there_are_not_enough(shop: webdriver.Remote) -> None:
    assert order(shop, "anchor", 50).endswith("50 × anchor, refused")
