using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace AvatarBridge.Core
{
    /// <summary>
    /// Reads RFC 8259 JSON into Dictionary&lt;string, object&gt;, List&lt;object&gt;, string, double, bool and null. Layouts and events
    /// come a few a minute; nothing in the base library that Unity keeps when it strips a build reads them.
    /// </summary>
    public sealed class Json
    {
        const int DeepestLevel = 32;

        readonly string _text;
        int _at;
        int _level;

        Json(string text)
        {
            _text = text;
        }

        /// <summary>The value that <paramref name="text"/> is. Throws WireError for all that is not JSON.</summary>
        public static object Parse(string text)
        {
            var json = new Json(text);
            var value = json.Value();
            json.SkipSpace();
            if (json._at != text.Length) throw new WireError("there is more after the JSON value");
            return value;
        }

        /// <summary>The object that <paramref name="text"/> is. Throws WireError for all that is not one.</summary>
        public static Dictionary<string, object> ParseObject(string text)
        {
            var fields = Parse(text) as Dictionary<string, object>;
            if (fields == null) throw new WireError("the message is not a JSON object");
            return fields;
        }

        /// <summary>A string between quotation marks, as JSON writes it.</summary>
        public static string Quote(string text)
        {
            var quoted = new StringBuilder("\"");
            foreach (var c in text)
            {
                if (c == '"' || c == '\\') quoted.Append('\\').Append(c);
                else if (c < ' ' || char.IsSurrogate(c)) quoted.Append("\\u").Append(((int)c).ToString("x4"));
                else quoted.Append(c);
            }
            return quoted.Append('"').ToString();
        }

        /// <summary>A finite number as JSON writes it, whatever the computer's language.</summary>
        public static string Number(double value)
        {
            return value.ToString("R", CultureInfo.InvariantCulture);
        }

        object Value()
        {
            SkipSpace();
            if (++_level > DeepestLevel) throw new WireError("the JSON is nested too deeply");
            var value = ValueOf(Peek());
            _level--;
            return value;
        }

        object ValueOf(char first)
        {
            switch (first)
            {
                case '{': return Object();
                case '[': return Array();
                case '"': return String();
                case 't': return Word("true", true);
                case 'f': return Word("false", false);
                case 'n': return Word("null", null);
                default: return Number();
            }
        }

        Dictionary<string, object> Object()
        {
            var fields = new Dictionary<string, object>();
            _at++;
            if (Took('}')) return fields;
            do
            {
                SkipSpace();
                if (Peek() != '"') throw new WireError("a name in JSON stands in quotation marks");
                var name = String();
                if (!Took(':')) throw new WireError("a name in JSON is followed by a colon");
                fields[name] = Value();
            } while (Took(','));
            if (!Took('}')) throw new WireError("a JSON object has no end");
            return fields;
        }

        List<object> Array()
        {
            var items = new List<object>();
            _at++;
            if (Took(']')) return items;
            do items.Add(Value()); while (Took(','));
            if (!Took(']')) throw new WireError("a JSON array has no end");
            return items;
        }

        string String()
        {
            var text = new StringBuilder();
            for (_at++; ; _at++)
            {
                var c = Peek();
                if (c == '"') break;
                if (c < ' ') throw new WireError("a JSON string has a control character in it");
                text.Append(c == '\\' ? Escaped() : c);
            }
            _at++;
            return text.ToString();
        }

        char Escaped()
        {
            _at++;
            switch (Peek())
            {
                case '"': return '"';
                case '\\': return '\\';
                case '/': return '/';
                case 'b': return '\b';
                case 'f': return '\f';
                case 'n': return '\n';
                case 'r': return '\r';
                case 't': return '\t';
                case 'u': return Hexadecimal();
                default: throw new WireError("a JSON string has an unknown escape in it");
            }
        }

        char Hexadecimal()
        {
            int code;
            const NumberStyles hex = NumberStyles.AllowHexSpecifier;
            if (_at + 4 >= _text.Length
                || !int.TryParse(_text.Substring(_at + 1, 4), hex, CultureInfo.InvariantCulture, out code))
                throw new WireError("a JSON string has a broken escape in it");
            _at += 4;
            return (char)code;
        }

        object Number()
        {
            var start = _at;
            while (_at < _text.Length && "+-.0123456789eE".IndexOf(_text[_at]) >= 0) _at++;
            double value;
            const NumberStyles style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
            if (!double.TryParse(_text.Substring(start, _at - start), style, CultureInfo.InvariantCulture, out value)
                || double.IsInfinity(value) || double.IsNaN(value))
                throw new WireError("that is not a JSON value");
            return value;
        }

        object Word(string word, object value)
        {
            if (string.CompareOrdinal(_text, _at, word, 0, word.Length) != 0) throw new WireError("that is not a JSON value");
            _at += word.Length;
            return value;
        }

        bool Took(char wanted)
        {
            SkipSpace();
            if (_at >= _text.Length || _text[_at] != wanted) return false;
            _at++;
            return true;
        }

        char Peek()
        {
            if (_at >= _text.Length) throw new WireError("the JSON breaks off");
            return _text[_at];
        }

        void SkipSpace()
        {
            while (_at < _text.Length && " \t\r\n".IndexOf(_text[_at]) >= 0) _at++;
        }
    }
}
