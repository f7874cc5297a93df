using System.Collections.Generic;

namespace AvatarBridge.Core
{
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

        public static BridgeEvent From(long epoch, Dictionary<string, object> fields)
        {
            object name;
            if (!fields.TryGetValue("name", out name) || !(name is string)) throw new WireError("an event without a name");
            fields.Remove("name");
            return new BridgeEvent(epoch, (string)name, fields);
        }
    }
}
