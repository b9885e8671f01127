FROM acme/onbuild:1
