FROM --platform=$NOT_SET alpine
