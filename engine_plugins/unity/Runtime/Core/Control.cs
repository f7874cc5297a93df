using System.Collections.Generic;

namespace AvatarBridge.Core
{
    /// <summary>What a path takes. A `*` in Path stands for a name.</summary>
    public sealed class Control
    {
        public readonly string Path;
        /// <summary>Empty for a plain factor, `weight` 0..1, `curve` in the rig's own units, `ms`.</summary>
        public readonly string Unit;
        /// <summary>A sentence for a person.</summary>
        public readonly string Label;
        public readonly double Min;
        public readonly double Max;
        /// <summary>Of a choice; otherwise empty.</summary>
        public readonly IReadOnlyList<string> Choices;

        Control(string path, string unit, string label, double min, double max, IReadOnlyList<string> choices)
        {
            Path = path;
            Unit = unit;
            Label = label;
            Min = min;
            Max = max;
            Choices = choices;
        }

        /// <summary>A row of the schema. Throws WireError where it is not whole.</summary>
        public static Control From(object row)
        {
            var fields = row as Dictionary<string, object>;
            object path, unit, label, min, max, choices;
            if (fields == null
                || !fields.TryGetValue("path", out path) || !(path is string)
                || !fields.TryGetValue("unit", out unit) || !(unit is string)
                || !fields.TryGetValue("label", out label) || !(label is string)
                || !fields.TryGetValue("min", out min) || !(min is double)
                || !fields.TryGetValue("max", out max) || !(max is double)
                || !fields.TryGetValue("choices", out choices) || !(choices is List<object>)
                || !((List<object>)choices).TrueForAll(choice => choice is string))
                throw new WireError("a row of the schema is not whole");
            var names = ((List<object>)choices).ConvertAll(choice => (string)choice);
            return new Control((string)path, (string)unit, (string)label, (double)min, (double)max, names);
        }
    }
}
