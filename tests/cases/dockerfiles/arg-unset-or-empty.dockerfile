ARG EMPTY=
FROM a${EMPTY-x}b${EMPTY:-y}c${NOT-z}d${NOT:-w}
