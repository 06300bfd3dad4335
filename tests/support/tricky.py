"""Files that trip readers up, as bytes; what ought to become of them is the oracle's to say."""

import gzip
from hashlib import sha256

HASH = sha256(b"ada@example.com").hexdigest()
ADDRESS = "email,first_name,last_name,country,zip\n"
LONG = "x" * 100_000

TEXTS: dict[str, str] = {
    "one": "email\na@example.com\n",
    "one column without a newline at the end": "email\na@example.com",
    "a byte order mark": "\ufeffemail\na@example.com\n",
    "a byte order mark before quotes": '\ufeff"email"\na@example.com\n',
    "two byte order marks": "\ufeff\ufeffemail,phone\na@example.com,+447911123456\n",
    "a byte order mark alone on its line": "\ufeff\nemail\na@example.com\n",
    "CRLF": "email,notes\r\na@example.com,x\r\n\r\nb@example.com,y\r\n",
    "a lone carriage return": "email,notes\na@example.com,x\ry\nb@example.com,\n",
    "carriage returns in quotes": 'email,notes\na@example.com,"x\ry\r\nz"\nb@example.com,\n',
    "two carriage returns before a newline": "email\na@example.com\r\r\nb@example.com\n",
    "NUL in a value": "email,phone\na\0@example.com,\nb@example.com,\0\n",
    "NUL where nobody looks": "email,notes\na@example.com,\0\n",
    "no-break spaces": "email,phone\n\u00a0a@example.com\u00a0,\u00a0+44\u00a07911\u00a0123456\n\u2007,\u202f\n",
    "zero-width spaces": "email\n\u200ba@example.com\nb@exam\u200bple.com\n",
    "dotted I": ADDRESS + "İpek@example.com,İpek,Işık,TR,34000\n",
    "final sigma": ADDRESS + "ΣΑΣ@example.com,ΟΔΥΣΣΕΥΣ,ΣΊΣΥΦΟΣ,GR,10431\n",
    "sharp s": ADDRESS + "groß@example.com,Groß,Weiß,ß,1\nb@example.com,GROẞ,WEISS,DE,10115\n",
    "ligatures and combining signs": ADDRESS + "a@example.com,ﬁona,Zoe\u0308,GB,1\nb@example.com,Ǆ,Å,GB,1\n",
    "titles and suffixes": ADDRESS
    + "a@example.com,Prof. Dr. Ada,King Jr. PhD,GB,1\nb@example.com,Dr,Jr,GB,1\n",
    "punctuation of all kinds": ADDRESS
    + "a@example.com,d’Arc-Marie,O'Brien``,GB,1\nb@example.com,…,¿,GB,1\n",
    "control characters in names": ADDRESS
    + "a@example.com,A\x07da,King,GB,1\nb@example.com,A\tda,K\x85ing,GB,1\n",
    "zip codes": ADDRESS
    + "".join(
        f"a{i}@example.com,A,B,US,{z}\n"
        for i, z in enumerate(["1", "12345", "12345-6789", "123456789", "12345 6789"])
    ),
    "countries": ADDRESS
    + "".join(
        f"a{i}@example.com,A,B,{c},1\n" for i, c in enumerate(["gb", "GBR", "Norway", "İT", "AQ", "", "12"])
    ),
    "odd quotes": 'email,notes\na@example.com,"x"y\nb@example.com,x"y"\nc@example.com,"""x"""\n',
    "a quote that opens in the middle": 'email,notes\na@example.com,x"\nb@example.com,"x\n"y\nc@example.com,\n',
    "all quoted": '"email","phone","notes"\n"a@example.com","+447911123456","x, ""y"", z"\n"","",""\n',
    "a very long field": f"email,notes\na@example.com,{LONG}\n{LONG}@example.com,\n",
    "a long quoted field of many lines": 'email,notes\na@example.com,"'
    + "line\n" * 5_000
    + '"\nb@example.com,\n',
    "300 columns": ",".join([*(f"c{i}" for i in range(299)), "email"]) + "\n" + "," * 299 + "a@example.com\n",
    "ragged rows": "email,notes\na@example.com\nb@example.com,,\n,\nc@example.com,\n",
    "separators of Unicode": "notes,email\n\u2028\u0085\x0b\x0c,a@example.com\n\x1c\x1d\x1e,b@example.com\n",
    "empty lines everywhere": "\n\r\n\nemail\n\na@example.com\n\n\n",
    "rows of nothing": 'email,phone\n,\n"",""\n  ,\t\n',
    "hashes in both cases": f"email,phone\n{HASH},{HASH.upper()}\n{HASH[:-1]}g,{HASH}\n",
    "phones as people write them": "phone,country\n(020) 7946-0018,GB\n06 12 34 56 78,FR\n1-800-FLOWERS,US\n"
    "0049 151 1234 5678,DE\n+330612345678,\n٠٦١٢٣٤٥٦٧٨,FR\n",
    "phones with extensions": "phone\n+44 20 7946 0018 x12\n+44 20 7946 0018;ext=12\ntel:+44-20-7946-0018\n",
    "numbered and twofold columns": "email_2,phone,E-Mail,mobile,email_10\nb@example.com,,a@example.com,+447911123456,B@example.com\n",
    "more identifiers than Google takes": ",".join(f"email_{i}" for i in range(25))
    + "\n"
    + ",".join(f"a{i}@example.com" for i in range(25))
    + "\n",
    "names of a lower rank": "region,country,country_code,phone,zip,postal code\nGB,NO,DE,030 123456,1,2\n",
    "consent of two kinds": "email,consent,ad_user_data\na@example.com,no,yes\nb@example.com,yes,no\n"
    "c@example.com,?,\nd@example.com,,unknown\n",
    "semicolons with commas inside": 'email;notes\na@example.com;x,y\n"b@example.com";"x;y"\n',
    "tabs": "notes\temail\n\ta@example.com\n",
    "pipes": "notes|email\nx|a@example.com\n",
    "as many semicolons as commas": "email,a;b\na@example.com,x;y\n",
    "objects": '{"email":"a@example.com","phone":447911123456}\n\n {"E-Mail":["b@example.com","c@example.com"]} \n',
    "objects with what is no value": '{"email":{"x":1}}\n{"email":[["a"]],"phone":"+447911123456"}\n{"email":true,"consent":true}\n',
    "lines that are no objects": '{"email":"a@example.com"}\n[]\n1\nnull\n{"email":NaN}\n{"email":1,"email":2}\n{\n',
    "half surrogate pairs in objects": '{"email":"\\ud800@example.com","phone":"+447911123456"}\n'
    '{"\\udc00":1}\n{"email":"\\ud83d\\ude00@example.com"}\n',
    "objects behind a byte order mark": '\ufeff{"email":"a@example.com"}\r\n{"email":"b@example.com"}',
    "a header and nothing": "email\n\n",
    "nothing": "",
    "an unclosed quote": 'email\n"a@example.com\nb@example.com\n',
}

FILES: dict[str, bytes] = {
    **{name: text.encode() for name, text in TEXTS.items()},
    "gzip under any name": gzip.compress(TEXTS["all quoted"].encode(), mtime=0),
    "gzip of several members": gzip.compress(b"email\na@exam", mtime=0)
    + gzip.compress(b"ple.com\n", mtime=0),
    "objects in gzip": gzip.compress(TEXTS["objects"].encode(), mtime=0),
}
