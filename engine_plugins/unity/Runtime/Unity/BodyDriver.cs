using System;
using System.Collections.Generic;
using AvatarBridge.Core;
using UnityEngine;

namespace AvatarBridge
{
    /// <summary>
    /// Puts head, gaze and upper body on a Humanoid, after its Animator: bones that the bridge does not move, and the share
    /// that <see cref="Weight"/> leaves, stay the animation's.
    /// </summary>
    [AddComponentMenu("Avatar Bridge/Body Driver")]
    public sealed class BodyDriver : MonoBehaviour
    {
        [SerializeField] BridgeReceiver receiver = null;
        [SerializeField] Animator animator = null;
        [SerializeField, Range(0, 1)] float weight = 1;

        readonly List<string> _unbound = new List<string>();
        Skeleton _skeleton;
        Transform[] _bones = new Transform[0];
        Rotation[] _local = new Rotation[0];
        bool _isToBind;

        /// <summary>Set before the component is enabled.</summary>
        public BridgeReceiver Receiver
        {
            get { return receiver; }
            set { receiver = value; }
        }

        /// <summary>How much of the body comes from the bridge, where an animation writes the same bones in each frame.</summary>
        public float Weight
        {
            get { return weight; }
            set { weight = Mathf.Clamp01(value); }
        }

        /// <summary>Whether the character has bones for its eyes.</summary>
        public bool HasEyes
        {
            get { return IsHumanoid && animator.GetBoneTransform(HumanBodyBones.LeftEye) != null; }
        }

        /// <summary>Bones of the stream that the character does not have; what is below them takes their turn.</summary>
        public IReadOnlyList<string> Unbound
        {
            get { return _unbound; }
        }

        bool IsHumanoid
        {
            get
            {
                if (animator == null) animator = GetComponentInChildren<Animator>();
                return animator != null && animator.isHuman;
            }
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

        void Rebind()
        {
            _isToBind = true;
        }

        void LateUpdate()
        {
            if (receiver == null || receiver.Pose == null || !IsHumanoid) return;
            if (_isToBind) Bind();
            _skeleton.Solve(receiver.Pose, _local);
            for (var bone = 0; bone < _bones.Length; bone++)
                if (_bones[bone] != null) _bones[bone].localRotation = Quaternion.Slerp(_bones[bone].localRotation, ToUnity(_local[bone]), weight);
        }

        void Bind()
        {
            _isToBind = false;
            _unbound.Clear();
            _skeleton = new Skeleton(receiver.Layout);
            _bones = new Transform[_skeleton.Count];
            _local = new Rotation[_skeleton.Count];
            var rest = TPose();
            for (var bone = 0; bone < _bones.Length; bone++)
            {
                if (!_skeleton.IsSent(bone)) continue;
                var found = animator.GetBoneTransform((HumanBodyBones)Enum.Parse(typeof(HumanBodyBones), _skeleton.Name(bone), true));
                if (found == null) _unbound.Add(_skeleton.Name(bone));
                else _skeleton.Bind(bone, InBody(found, rest), InBody(found.parent, rest));
                _bones[bone] = found;
            }
            _unbound.AddRange(_skeleton.Unknown);
        }

        /// <summary>The local rotations that the avatar's own T-pose gives its bones, by their names.</summary>
        Dictionary<string, Quaternion> TPose()
        {
            var rest = new Dictionary<string, Quaternion>();
            foreach (var bone in animator.avatar.humanDescription.skeleton) rest[bone.name] = bone.rotation;
            return rest;
        }

        /// <summary>How a bone stands in T-pose, in the axes of the character's root.</summary>
        Rotation InBody(Transform bone, Dictionary<string, Quaternion> rest)
        {
            var turn = Rotation.Identity;
            for (; bone != null && bone != animator.transform; bone = bone.parent)
            {
                Quaternion local;
                if (!rest.TryGetValue(bone.name, out local)) local = bone.localRotation;
                turn = new Rotation(local.x, local.y, local.z, local.w) * turn;
            }
            return turn;
        }

        static Quaternion ToUnity(Rotation r)
        {
            return new Quaternion((float)r.X, (float)r.Y, (float)r.Z, (float)r.W);
        }
    }
}
