"""OpenAI's own client asks for images: by URL, inline, and of a size that there is none of."""

import base64
import sys
import urllib.request

import openai

PNG = b"\x89PNG\r\n\x1a\n"


def main(url):
    client = openai.OpenAI(base_url=url + "/v1", api_key="none", timeout=120)

    by_url = client.images.generate(model="gpt-image-1", prompt="a green star", n=2, size="256x256")
    pictures = [_get(each.url) for each in by_url.data]
    _require(len(pictures) == 2 and all(each.startswith(PNG) for each in pictures), "two PNG files by URL")
    print(f"openai url: {len(pictures)} images of {', '.join(map(str, map(len, pictures)))} bytes")

    inline = client.images.generate(
        prompt="a green star", n=2, size="256x256", response_format="b64_json").data
    pictures = [base64.b64decode(each.b64_json, validate=True) for each in inline]
    _require(len(pictures) == 2 and all(each.startswith(PNG) for each in pictures), "two PNG files inline")
    print(f"openai b64_json: {len(pictures)} images of {', '.join(map(str, map(len, pictures)))} bytes")

    try:
        client.images.generate(prompt="a green star", size="257x256")
    except openai.BadRequestError as refused:
        _require(refused.param == "size" and refused.code == "invalid_request", "a refusal of the size")
        print(f"openai BadRequestError: {refused}")
    else:
        _require(False, "a refusal of the size")


def _get(url):
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read()


def _require(holds, what):
    if not holds:
        sys.exit(f"openai: expected {what}")


if __name__ == "__main__":
    main(sys.argv[1])
