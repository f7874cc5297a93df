using System;
using System.Collections.Generic;

namespace AvatarBridge.Core
{
    /// <summary>
    /// Turns the stream's rotations (local to the parent, from T-pose, in bones whose axes are the body's) into local
    /// rotations of a skeleton whose bones rest in any direction: with T the T-pose of a bone and P that of its parent,
    /// both in the body's axes, the bone's local rotation is inverse(P) q T. What the stream says of a bone that the
    /// skeleton lacks goes to the next ones below it. Allocates nothing after construction.
    /// </summary>
    public sealed class Skeleton
    {
        /// <summary>Each bone after its parent: VRM 1.0's hierarchy, down to the hands.</summary>
        static readonly string[,] _hierarchy =
        {
            { "hips", "" }, { "spine", "hips" }, { "chest", "spine" }, { "upperChest", "chest" }, { "neck", "upperChest" },
            { "head", "neck" }, { "leftEye", "head" }, { "rightEye", "head" },
            { "leftShoulder", "upperChest" }, { "leftUpperArm", "leftShoulder" }, { "leftLowerArm", "leftUpperArm" },
            { "leftHand", "leftLowerArm" }, { "rightShoulder", "upperChest" }, { "rightUpperArm", "rightShoulder" },
            { "rightLowerArm", "rightUpperArm" }, { "rightHand", "rightLowerArm" },
        };

        readonly BoneAxes _axes;
        readonly int[] _source;
        readonly int[] _parent;
        readonly bool[] _isBound;
        readonly Rotation[] _before;
        readonly Rotation[] _after;
        readonly Rotation[] _carried;

        public Skeleton(Layout layout)
        {
            _axes = layout.Axes;
            var count = _hierarchy.GetLength(0);
            _source = new int[count];
            _parent = new int[count];
            _isBound = new bool[count];
            _before = new Rotation[count];
            _after = new Rotation[count];
            _carried = new Rotation[count];
            for (var bone = 0; bone < count; bone++)
            {
                _source[bone] = _axes == BoneAxes.Unknown ? -1 : Array.IndexOf(layout.Bones, Spelt(_hierarchy[bone, 0]));
                _parent[bone] = Index(_hierarchy[bone, 1]);
            }
            Unknown = Array.FindAll(layout.Bones, name => Array.IndexOf(_source, Array.IndexOf(layout.Bones, name)) < 0);
        }

        /// <summary>Bones of the layout that this does not know: those of a rig made for one skeleton only, or of unknown axes.</summary>
        public IReadOnlyList<string> Unknown { get; }

        public int Count
        {
            get { return _source.Length; }
        }

        /// <summary>VRM 1.0's name of a bone.</summary>
        public string Name(int bone)
        {
            return _hierarchy[bone, 0];
        }

        /// <summary>Whether the stream moves a bone.</summary>
        public bool IsSent(int bone)
        {
            return _source[bone] >= 0;
        }

        /// <summary>The skeleton has this bone, which in T-pose stands at <paramref name="bone"/> under a parent that stands at
        /// <paramref name="parent"/>, both in the body's axes.</summary>
        public void Bind(int index, Rotation bone, Rotation parent)
        {
            _isBound[index] = true;
            _before[index] = parent.Inverse;
            _after[index] = bone;
        }

        /// <summary>The local rotation of each bone bound, by index, into <paramref name="local"/>.</summary>
        public void Solve(RigPose pose, Rotation[] local)
        {
            for (var bone = 0; bone < _source.Length; bone++)
            {
                var turn = _source[bone] < 0 ? Rotation.Identity : _axes.ToUnity(pose.Bones[_source[bone]]);
                if (_parent[bone] >= 0) turn = _carried[_parent[bone]] * turn;
                _carried[bone] = _isBound[bone] ? Rotation.Identity : turn;
                if (_isBound[bone]) local[bone] = _before[bone] * turn * _after[bone];
            }
        }

        /// <summary>HumanBodyBones writes `LeftUpperArm`, VRM `leftUpperArm`. Rigs in neither way have axes of their own.</summary>
        string Spelt(string name)
        {
            return _axes == BoneAxes.Unity ? char.ToUpperInvariant(name[0]) + name.Substring(1) : name;
        }

        static int Index(string name)
        {
            for (var bone = 0; bone < _hierarchy.GetLength(0); bone++)
                if (_hierarchy[bone, 0] == name) return bone;
            return -1;
        }
    }
}
