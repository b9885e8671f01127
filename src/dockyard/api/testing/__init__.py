"""The pytest plugin. pytest imports `plugin`, which imports nothing that a project without environments would wait for.

`options` says what can be asked for, `holding` opens and closes, `sharing` lets xdist's workers use one environment, `logs` shows what
services said while a test failed.
"""
