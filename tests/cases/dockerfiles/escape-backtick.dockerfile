# escape=`
FROM mcr.microsoft.com/windows/servercore:ltsc2022 AS `
  base
COPY --from=busybox c:\\x\ `
  c:\y
