#!/bin/sh
# A WebDriver on port 4444, as Selenium's standalone images offer one: chromedriver speaks the same W3C protocol.
exec chromedriver --port=4444 --allowed-ips= --allowed-origins='*' --url-base=/wd/hub
