"""The shop as a person sees it: a real browser, in a container of its own."""

import os
import time

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By


@pytest.fixture
def browser():
    options = webdriver.ChromeOptions()
    for flag in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"):
        options.add_argument(flag)
    driver = webdriver.Remote(os.environ["WEBDRIVER_URL"], options=options)
    yield driver
    driver.quit()


def test_a_person_orders_an_anchor(browser):
    browser.get(os.environ["WEB_URL"])
    assert browser.title == "The Shop"
    assert any("anchor" in item.text for item in browser.find_elements(By.CLASS_NAME, "product"))
    browser.find_element(By.NAME, "product").send_keys("anchor")
    browser.find_element(By.ID, "order").click()
    for _ in range(50):
        if "shipped" in browser.find_element(By.ID, "state").text:
            return
        time.sleep(0.1)
        browser.refresh()
    pytest.fail(f"not shipped: {browser.find_element(By.ID, 'state').text}")
