using System.Collections.Generic;
using AvatarBridge.Core;
using UnityEngine;

namespace AvatarBridge
{
    public enum EyesBy
    {
        /// <summary>By bones where a body driver moves eye bones, otherwise by shapes.</summary>
        Auto,
        Bones,
        Shapes,
    }

    /// <summary>Puts the face on all meshes below it that have the shapes, or on those that are set.</summary>
    [AddComponentMenu("Avatar Bridge/Face Driver")]
    public sealed class FaceDriver : MonoBehaviour
    {
        sealed class Mask
        {
            public SkinnedMeshRenderer Renderer;
            public ShapeBinding Binding;
            /// <summary>What each shape of the mesh takes for its full travel: 100, or 1 in some imported files.</summary>
            public float[] Travel;
        }

        [SerializeField] BridgeReceiver receiver = null;
        [Tooltip("Empty: all below this object that have a shape of the layout.")]
        [SerializeField] SkinnedMeshRenderer[] meshes = new SkinnedMeshRenderer[0];
        [Tooltip("Gaze comes as shapes and as bones; a character uses one of the two.")]
        [SerializeField] EyesBy eyes = EyesBy.Auto;
        [SerializeField, Range(0, 1)] float weight = 1;

        readonly List<Mask> _masks = new List<Mask>();
        readonly List<string> _unbound = new List<string>();
        bool _isToBind;

        /// <summary>Set before the component is enabled.</summary>
        public BridgeReceiver Receiver
        {
            get { return receiver; }
            set { receiver = value; }
        }

        /// <summary>How strong the face is; at 0 it is neutral.</summary>
        public float Weight
        {
            get { return weight; }
            set { weight = Mathf.Clamp01(value); }
        }

        /// <summary>Shapes that are moved, over all meshes.</summary>
        public int BoundCount
        {
            get
            {
                var count = 0;
                foreach (var mask in _masks) count += mask.Binding.Count;
                return count;
            }
        }

        /// <summary>Curves that move no mesh.</summary>
        public IReadOnlyList<string> Unbound
        {
            get { return _unbound; }
        }

        /// <summary>Look for shapes again: the meshes have changed.</summary>
        public void Rebind()
        {
            _isToBind = true;
        }

        void OnEnable()
        {
            if (receiver == null) receiver = GetComponentInParent<BridgeReceiver>();
            if (receiver == null) return;
            receiver.LaidOut += Rebind;
            Rebind();
        }

        void OnDisable()
        {
            if (receiver != null) receiver.LaidOut -= Rebind;
        }

        void LateUpdate()
        {
            if (receiver == null || receiver.Pose == null) return;
            if (_isToBind) Bind();
            var pose = receiver.Pose;
            for (var m = 0; m < _masks.Count; m++) Wear(_masks[m], pose);
        }

        void Wear(Mask mask, RigPose pose)
        {
            if (mask.Renderer == null) return;
            for (var i = 0; i < mask.Binding.Count; i++)
            {
                var shape = mask.Binding.Shape(i);
                mask.Renderer.SetBlendShapeWeight(shape, weight * mask.Binding.Weight(i, pose) * mask.Travel[shape]);
            }
        }

        void Bind()
        {
            _isToBind = false;
            _masks.Clear();
            _unbound.Clear();
            _unbound.AddRange(receiver.Layout.Curves);
            var withoutGaze = eyes == EyesBy.Bones || eyes == EyesBy.Auto && BodyMovesEyes;
            if (withoutGaze) _unbound.RemoveAll(ShapeNames.IsGaze);
            foreach (var mesh in meshes.Length > 0 ? meshes : GetComponentsInChildren<SkinnedMeshRenderer>(true)) Bind(mesh, withoutGaze);
        }

        void Bind(SkinnedMeshRenderer renderer, bool withoutGaze)
        {
            var mesh = renderer == null ? null : renderer.sharedMesh;
            if (mesh == null || mesh.blendShapeCount == 0) return;
            var names = new string[mesh.blendShapeCount];
            var travel = new float[names.Length];
            for (var shape = 0; shape < names.Length; shape++)
            {
                names[shape] = mesh.GetBlendShapeName(shape);
                travel[shape] = mesh.GetBlendShapeFrameWeight(shape, mesh.GetBlendShapeFrameCount(shape) - 1);
            }
            var binding = new ShapeBinding(receiver.Layout, names, withoutGaze);
            var missing = new HashSet<string>(binding.Unbound);
            _unbound.RemoveAll(curve => !missing.Contains(curve));
            if (binding.Count > 0) _masks.Add(new Mask { Renderer = renderer, Binding = binding, Travel = travel });
        }

        bool BodyMovesEyes
        {
            get
            {
                var body = GetComponentInParent<BodyDriver>();
                if (body == null) body = GetComponentInChildren<BodyDriver>();
                return body != null && body.isActiveAndEnabled && body.HasEyes;
            }
        }
    }
}
