"""What the tests of the Bot API stand-in share: a clock, a picture, and python-telegram-bot's client."""

import io

import telegram
from PIL import Image

SAM = 700100200


class Clock:
    """A clock that a test turns."""

    def __init__(self):
        self.now = 1_764_000_000.0

    def __call__(self):
        return self.now


def a_picture(width=2000, height=1500, *, exif=True):
    """A JPEG with a place in its EXIF block."""
    picture = Image.new("RGB", (width, height), "tomato")
    block = Image.Exif()
    block[0x010F] = "Maker"
    block.get_ifd(0x8825)[1] = "N"
    out = io.BytesIO()
    picture.save(out, "JPEG", **({"exif": block} if exif else {}))
    return out.getvalue()


def a_bot(api, token=None):
    return telegram.Bot(token or api.token, base_url=f"{api.url}/bot", base_file_url=f"{api.url}/file/bot")


def inline(*rows):
    return telegram.InlineKeyboardMarkup(
        [[telegram.InlineKeyboardButton(text, callback_data=data) for text, data in row] for row in rows]
    )


async def raw_updates(bot, offset=0, **given):
    return await bot.do_api_request("getUpdates", api_kwargs={"offset": offset, **given})
