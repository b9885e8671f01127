
# escape=`
FROM alpine \
 AS x
