#!/usr/bin/python3
"""Reads TensorBoard's event files from their bytes alone and prints an event a line as JSON; checks every checksum.

    python3 test/oracle/read-tensorboard.py FILE

The formats are taken from TensorFlow's documentation (TFRecord) and the .proto files of TensorBoard; nothing of the
program under test is used. Needs nothing but Python.
"""
import base64
import json
import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


assert crc32c(b"123456789") == 0xE3069283


def masked(crc):
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def records(data):
    at = 0
    while at < len(data):
        (length,) = struct.unpack_from("<Q", data, at)
        (length_crc,) = struct.unpack_from("<I", data, at + 8)
        content = data[at + 12 : at + 12 + length]
        (content_crc,) = struct.unpack_from("<I", data, at + 12 + length)
        assert len(content) == length, "a record is cut short"
        assert length_crc == masked(crc32c(data[at : at + 8])), "a length's checksum is wrong"
        assert content_crc == masked(crc32c(content)), "a content's checksum is wrong"
        yield content
        at += 16 + length


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, at


def fields(data):
    """The fields of a protobuf message, (number, value): whole numbers, or the bytes of all else."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        number, wire = key >> 3, key & 7
        if wire == 0:
            value, at = varint(data, at)
        else:
            if wire == 2:
                length, at = varint(data, at)
            else:
                length = {1: 8, 5: 4}[wire]
            value = data[at : at + length]
            assert len(value) == length
            at += length
        yield number, value


def one(message, number, default=None):
    return next((value for field, value in fields(message) if field == number), default)


def summary_value(message):
    value = {"tag": one(message, 1).decode()}
    for number, content in fields(message):
        if number == 2:
            (value["scalar"],) = struct.unpack("<f", content)
        if number == 4:
            value["image"] = {
                "height": one(content, 1),
                "width": one(content, 2),
                "channels": one(content, 3),
                "png": base64.b64encode(one(content, 4)).decode(),
            }
        if number == 8:
            value["tensor"] = {
                "type": one(content, 1),
                "shape": [one(dim, 1) for field, dim in fields(one(content, 2)) if field == 2],
                "strings": [text.decode() for field, text in fields(content) if field == 8],
            }
        if number == 9:
            value["plugin"] = one(one(content, 1), 1).decode()
    return value


def event(message):
    result = {"seconds": struct.unpack("<d", one(message, 1))[0], "step": one(message, 2, 0)}
    for number, content in fields(message):
        if number == 3:
            result["version"] = content.decode()
        if number == 5:
            result["values"] = [summary_value(value) for field, value in fields(content) if field == 1]
        if number == 7:
            result["session"] = one(content, 1)
    return result


with open(sys.argv[1], "rb") as file:
    for record in records(file.read()):
        print(json.dumps(event(record)))
