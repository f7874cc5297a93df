using System.Collections.Generic;

namespace AvatarBridge.Core
{
    /// <summary>A piece of a caption, mostly a word, and the stretch of the timeline it is heard in.</summary>
    public struct SpokenWord
    {
        public long StartSample;
        public long EndSample;
        public string Text;
    }

    /// <summary>Something happened: `speaking`, `caption`, `stopped`, `emotion`, `state`, `primary`.</summary>
    public sealed class BridgeEvent
    {
        public readonly long Epoch;
        public readonly string Name;
        public readonly IReadOnlyDictionary<string, object> Fields;

        public BridgeEvent(long epoch, string name, IReadOnlyDictionary<string, object> fields)
        {
            Epoch = epoch;
            Name = name;
            Fields = fields;
        }

        /// <summary>A field that is text, or an empty string.</summary>
        public string Text(string field)
        {
            object value;
            return Fields.TryGetValue(field, out value) && value is string ? (string)value : "";
        }

        /// <summary>A field that is a number, or -1.</summary>
        public double Number(string field)
        {
            object value;
            return Fields.TryGetValue(field, out value) && value is double ? (double)value : -1;
        }

        /// <summary>Whether a field is true.</summary>
        public bool IsTrue(string field)
        {
            object value;
            return Fields.TryGetValue(field, out value) && value is bool && (bool)value;
        }

        /// <summary>The words of a caption in order, which put together are its text; none where the voice does not tell.</summary>
        public List<SpokenWord> Words()
        {
            var words = new List<SpokenWord>();
            object value;
            if (!Fields.TryGetValue("words", out value) || !(value is List<object>)) return words;
            foreach (var item in (List<object>)value)
            {
                var row = item as List<object>;
                if (row == null || row.Count < 3 || !(row[0] is double && row[1] is double && row[2] is string)) continue;
                words.Add(new SpokenWord { StartSample = (long)(double)row[0], EndSample = (long)(double)row[1], Text = (string)row[2] });
            }
            return words;
        }

        public static BridgeEvent From(long epoch, Dictionary<string, object> fields)
        {
            object name;
            if (!fields.TryGetValue("name", out name) || !(name is string)) throw new WireError("an event without a name");
            fields.Remove("name");
            return new BridgeEvent(epoch, (string)name, fields);
        }
    }
}
