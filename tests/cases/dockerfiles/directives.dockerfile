# syntax=docker/dockerfile:1.7
# check=skip=all;error=true
# escape=`
FROM alpine`
:3.20
