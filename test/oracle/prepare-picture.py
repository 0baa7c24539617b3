#!/usr/bin/python3
"""Makes the fixed values of the test of preparePicture with ImageMagick, step by step as Fashion-MNIST's authors say.

    python3 test/oracle/prepare-picture.py > test/oracle/prepare-picture.json

Needs ImageMagick (Debian: imagemagick). The steps: Xiao, Rasul & Vollgraf 2017, section 2 (arXiv:1708.07747).
"""
import base64
import json
import subprocess

CONVERT = "/usr/bin/convert"

STEPS = (
    "-fuzz 5% -trim +repage -sample 28x28 -sharpen 1x1 "
    "-background white -gravity center -extent 28x28 -negate -colorspace Gray -depth 8"
).split()

# Sizes and backgrounds; the authors' thumbnails are 51x73 on #fdfdfd.
PICTURES = {
    "shirt": """-size 51x73 xc:#fdfdfd -fill #3060a0
        -draw {polygon 8,20 18,12 33,12 43,20 40,30 35,27 36,60 15,60 16,27 11,30}
        -fill #c02030 -draw {circle 25,35 25,42} -stroke #202020 -draw {line 18,12 25,20}""",
    "shoe": """-size 73x51 xc:white -fill #7a4a20 -draw {polygon 5,40 8,28 30,24 45,10 58,9 62,38 60,44 6,44}
        -fill #101010 -draw {rectangle 6,42 60,45} -fill #e8d8a0 -draw {line 20,30 50,20}""",
    "small": """-size 20x12 xc:white +antialias -fill #208040 -draw {rectangle 3,2 15,9}
        -fill #f0e020 -draw {point 8,5} -fill #000000 -draw {line 4,3 7,8}""",
    "whole": """-size 41x64 plasma:#204060-#c0a080 -seed 7 -fill white -draw {rectangle 0,0 6,63}
        -fill white -draw {rectangle 34,0 40,63} -draw {rectangle 0,0 40,4} -draw {rectangle 0,60 40,63}""",
}


def words(text):
    """Splits at blanks, but keeps what stands in braces together."""
    result = []
    for index, part in enumerate(text.replace("}", "{").split("{")):
        result += [part] if index % 2 else part.split()
    return result


def convert(*arguments, data=None):
    return subprocess.run([CONVERT, *arguments], input=data, stdout=subprocess.PIPE, check=True).stdout


def main():
    version = convert("-version").decode().split()[2]
    pictures = []
    for name, drawing in PICTURES.items():
        png = convert("-seed", "7", *words(drawing), "-strip", "-depth", "8", "png24:-")
        grey = convert("png:-", *STEPS, "gray:-", data=png)
        pictures.append(
            {
                "name": name,
                "png": base64.b64encode(png).decode(),
                "grey": base64.b64encode(grey).decode(),
            }
        )
    print(json.dumps({"imagemagick": version, "pictures": pictures}, indent=2))


main()
