FROM golang AS Build
FROM Build
