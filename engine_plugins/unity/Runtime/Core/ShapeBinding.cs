using System;
using System.Collections.Generic;

namespace AvatarBridge.Core
{
    /// <summary>Which shape of a mesh each curve of the layout moves. Names become indices here, once.</summary>
    public sealed class ShapeBinding
    {
        struct Pair
        {
            public int Curve;
            public int Shape;
        }

        readonly List<Pair> _pairs = new List<Pair>();
        readonly double _min;
        readonly double _span;

        /// <summary>
        /// Bind the curves of <paramref name="layout"/> to <paramref name="shapes"/>, the mesh's names in its order: to the same name
        /// where there is one, otherwise to one that means the same. Shapes that move the eyeball are left out on demand.
        /// </summary>
        public ShapeBinding(Layout layout, IReadOnlyList<string> shapes, bool withoutGaze)
        {
            _min = layout.CurveMin;
            _span = layout.CurveMax - layout.CurveMin;
            var byName = new Dictionary<string, int>(StringComparer.Ordinal);
            var byKey = new Dictionary<string, int>(StringComparer.Ordinal);
            for (var shape = shapes.Count - 1; shape >= 0; shape--)
            {
                byName[shapes[shape]] = shape;
                byKey[ShapeNames.Key(shapes[shape])] = shape;
            }
            var unbound = new List<string>();
            for (var curve = 0; curve < layout.Curves.Length; curve++)
            {
                var name = layout.Curves[curve];
                int shape;
                if (withoutGaze && ShapeNames.IsGaze(name)) continue;
                if (byName.TryGetValue(name, out shape) || byKey.TryGetValue(ShapeNames.Key(name), out shape))
                    _pairs.Add(new Pair { Curve = curve, Shape = shape });
                else unbound.Add(name);
            }
            Unbound = unbound;
        }

        /// <summary>How many curves move a shape.</summary>
        public int Count
        {
            get { return _pairs.Count; }
        }

        /// <summary>Curves for which the mesh has no shape.</summary>
        public IReadOnlyList<string> Unbound { get; }

        /// <summary>The shape that pair <paramref name="i"/> moves.</summary>
        public int Shape(int i)
        {
            return _pairs[i].Shape;
        }

        /// <summary>How far that shape is on, 0..1 of its full travel.</summary>
        public float Weight(int i, RigPose pose)
        {
            return (float)((pose.Curves[_pairs[i].Curve] - _min) / _span);
        }
    }
}
