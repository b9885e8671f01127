"""How the databases and the queue are reached, by the environment."""

import os
from pathlib import Path

import pg8000.native
import pymysql
import redis


def _password() -> str:
    return Path(os.environ["DATABASE_PASSWORD_FILE"]).read_text().strip()


def orders() -> pg8000.native.Connection:
    return pg8000.native.Connection(
        os.environ["DATABASE_USER"], host=os.environ["ORDERS_HOST"], password=_password(), database="orders"
    )


def stock() -> pymysql.Connection:
    return pymysql.connect(
        host=os.environ["STOCK_HOST"], user=os.environ["DATABASE_USER"], password=_password(), database="stock", autocommit=True
    )


def queue() -> redis.Redis:
    return redis.Redis(host=os.environ["QUEUE_HOST"], decode_responses=True)
