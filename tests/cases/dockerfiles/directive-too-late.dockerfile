# a comment first
# escape=`
FROM alpine \
  AS x
