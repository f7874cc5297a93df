using System;
using System.Linq;
using AvatarBridge.Core;

namespace AvatarBridge.Tests
{
    static class RigLaws
    {
        static readonly string[] _curves = Vectors.Layout.Curves;

        [Law]
        public static void TheCommonSpellingsOfAllShapesBind()
        {
            foreach (var spelling in new Func<string, string>[]
            {
                name => name,
                name => char.ToUpperInvariant(name[0]) + name.Substring(1),
                name => "blendShape1." + name,
                name => "Face_blendShape." + Sided(name, "_L", "_R"),
                name => Sided(name, "_L", "_R"),
                name => Sided(name, "_l", "_r"),
                name => Sided(name, ".L", ".R"),
                name => "A07_" + Snake(name),
                name => name.ToLowerInvariant(),
            })
            {
                var binding = new ShapeBinding(Vectors.Layout, _curves.Select(spelling).Reverse().ToList(), false);
                Check.Equal(0, binding.Unbound.Count, spelling("eyeBlinkLeft") + ": " + string.Join(", ", binding.Unbound));
                for (var i = 0; i < binding.Count; i++) Check.Equal(_curves.Length - 1 - i, binding.Shape(i), "the shape of its own");
            }
        }

        [Law]
        public static void NoTwoShapesHaveOneKey()
        {
            Check.Equal(_curves.Length, _curves.Select(ShapeNames.Key).Distinct().Count(), "keys");
        }

        [Law]
        public static void TheSameNameComesBeforeOneThatMeansTheSame()
        {
            var layout = new Layout("a", 0, true, new[] { "jawOpen" }, new string[0], 0, 1);
            Check.Equal(1, new ShapeBinding(layout, new[] { "JawOpen", "jawOpen" }, false).Shape(0), "shape");
            Check.Equal("jawOpen", new ShapeBinding(layout, new[] { "smile" }, false).Unbound.Single(), "unbound");
        }

        [Law]
        public static void WithEyeBonesTheShapesOfGazeAreLeftOut()
        {
            var binding = new ShapeBinding(Vectors.Layout, _curves, true);
            Check.Equal(_curves.Length - 8, binding.Count, "shapes");
            Check.Equal(0, binding.Unbound.Count, "what is left out is not missing");
        }

        [Law]
        public static void AWeightIsAShareOfTheLayoutsRange()
        {
            var layout = new Layout("a", 0, true, new[] { "jawOpen" }, new string[0], -50, 150);
            var pose = new RigPose(layout);
            pose.Curves[0] = 100;
            Check.Near(0.75, new ShapeBinding(layout, new[] { "jawOpen" }, false).Weight(0, pose), 1e-6, "weight");
        }

        [Law]
        public static void ANeutralPoseIsTheTPoseOfAnySkeleton()
        {
            var random = new Random(4);
            var layout = HumanLayout();
            var skeleton = new Skeleton(layout);
            var local = new Rotation[skeleton.Count];
            var rest = Enumerable.Range(0, skeleton.Count).Select(_ => Any(random)).ToArray();
            var parent = Any(random);
            for (var bone = 0; bone < skeleton.Count; bone++) skeleton.Bind(bone, parent * rest[bone], parent);
            skeleton.Solve(new RigPose(layout), local);
            for (var bone = 0; bone < skeleton.Count; bone++) Same(rest[bone], local[bone], skeleton.Name(bone));
        }

        [Law]
        public static void ABoneTurnsInTheBodysAxesHoweverItRests()
        {
            var random = new Random(5);
            var layout = HumanLayout();
            var skeleton = new Skeleton(layout);
            var names = layout.Bones.Select(n => n.ToLowerInvariant()).ToList();
            var pose = new RigPose(layout);
            for (var b = 0; b < pose.Bones.Length; b++) pose.Bones[b] = Any(random);
            // A chain hips, spine, chest, neck, head, whose upperChest is missing.
            var chain = new[] { "hips", "spine", "chest", "neck", "head" }.Select(name => Index(skeleton, name)).ToArray();
            var world = chain.Select(_ => Any(random)).ToArray();
            for (var i = 0; i < chain.Length; i++) skeleton.Bind(chain[i], world[i], i == 0 ? Rotation.Identity : world[i - 1]);
            var local = new Rotation[skeleton.Count];
            skeleton.Solve(pose, local);
            var stands = Rotation.Identity;
            var turned = Rotation.Identity;
            for (var i = 0; i < chain.Length; i++)
            {
                stands = stands * local[chain[i]];
                if (i == 3) turned = turned * pose.Bones[names.IndexOf("upperchest")];
                turned = turned * pose.Bones[names.IndexOf(skeleton.Name(chain[i]).ToLowerInvariant())];
                Same(turned * world[i], stands, skeleton.Name(chain[i]));
            }
        }

        [Law]
        public static void BonesOfASkeletonOfItsOwnAreNotTaken()
        {
            // Ready Player Me's names, whose rig brings rotations into its own bones' axes.
            var names = new[] { "Hips", "Spine", "Spine1", "Head" };
            Check.Equal(4, new Skeleton(LayoutIn(BoneAxes.Vrm1, names)).Unknown.Count, "unknown");
            Check.Equal("Spine1", new Skeleton(LayoutIn(BoneAxes.Unity, names)).Unknown.Single(), "unknown to a Humanoid");
        }

        [Law]
        public static void BonesInAxesThatNobodyKnowsAreNotTaken()
        {
            var names = new[] { "hips", "head" };
            Check.Equal(2, new Skeleton(LayoutIn(BoneAxesNames.Of("polar"), names)).Unknown.Count, "unknown");
            Check.Equal(0, new Skeleton(LayoutIn(BoneAxesNames.Of("vrm1"), names)).Unknown.Count, "unknown");
        }

        [Law]
        public static void AllAxesSayTheSameTurnOfTheHead()
        {
            // To the character's own left by 30 degrees: about +Y, where +Z comes out of the face to the right-handed.
            var half = Math.PI / 12;
            var left = new Rotation(0, -Math.Sin(half), 0, Math.Cos(half));
            Same(left, BoneAxes.Vrm1.ToUnity(new Rotation(0, Math.Sin(half), 0, Math.Cos(half))), "VRM 1");
            Same(left, BoneAxes.Vrm0.ToUnity(new Rotation(0, Math.Sin(half), 0, Math.Cos(half))), "VRM 0");
            Same(left, BoneAxes.Unreal.ToUnity(new Rotation(0, 0, -Math.Sin(half), Math.Cos(half))), "Unreal");
            // Down: about the axis to the character's own left.
            var down = new Rotation(Math.Sin(half), 0, 0, Math.Cos(half));
            Same(down, BoneAxes.Vrm1.ToUnity(new Rotation(Math.Sin(half), 0, 0, Math.Cos(half))), "VRM 1");
            Same(down, BoneAxes.Vrm0.ToUnity(new Rotation(-Math.Sin(half), 0, 0, Math.Cos(half))), "VRM 0");
            Same(down, BoneAxes.Unreal.ToUnity(new Rotation(-Math.Sin(half), 0, 0, Math.Cos(half))), "Unreal");
        }

        static Layout HumanLayout()
        {
            var bones = "Hips Spine Chest UpperChest Neck Head LeftEye RightEye LeftShoulder LeftUpperArm LeftLowerArm LeftHand "
                + "RightShoulder RightUpperArm RightLowerArm RightHand";
            return LayoutIn(BoneAxes.Unity, bones.Split(' '));
        }

        static Layout LayoutIn(BoneAxes axes, string[] bones)
        {
            return new Layout("a", 0, true, new string[0], bones, 0, 1, axes);
        }

        static int Index(Skeleton skeleton, string name)
        {
            return Enumerable.Range(0, skeleton.Count).Single(bone => skeleton.Name(bone) == name);
        }

        static Rotation Any(Random random)
        {
            Func<double> any = () => random.NextDouble() - 0.5;
            return Rotation.Normalised(any(), any(), any(), any());
        }

        static void Same(Rotation a, Rotation b, string what)
        {
            Check.Near(1, Math.Abs(a.X * b.X + a.Y * b.Y + a.Z * b.Z + a.W * b.W), 1e-9, what);
        }

        static string Sided(string name, string left, string right)
        {
            // mouthLeft and jawRight name a direction, not a side: tools write them as they are, or shortened too.
            if (name.EndsWith("Left")) return name.Substring(0, name.Length - 4) + left;
            return name.EndsWith("Right") ? name.Substring(0, name.Length - 5) + right : name;
        }

        static string Snake(string name)
        {
            return string.Concat(name.Select((c, i) => char.IsUpper(c) ? "_" + c : i == 0 ? char.ToUpperInvariant(c).ToString() : c.ToString()));
        }
    }
}
