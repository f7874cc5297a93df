using AvatarBridge;
using UnityEngine;

/// <summary>
/// Put this on an empty object in an empty scene and press Play: it builds a head, a voice, a camera and a text field.
/// With a character set, that is used instead of the head; it needs nothing but its shapes.
/// </summary>
public sealed class TalkingHead : MonoBehaviour
{
    [SerializeField] BridgeConnection connection = null;
    [SerializeField] GameObject character = null;

    BridgeReceiver _receiver;
    Transform _head;
    string _line = "Hello, I am a head that built itself.";
    string _caption = "";

    void Awake()
    {
        // Otherwise Unity halts as soon as another window, such as OBS, is in front.
        Application.runInBackground = true;
        if (connection == null) connection = ScriptableObject.CreateInstance<BridgeConnection>();
        var body = character == null ? null : Instantiate(character);
        if (body == null)
        {
            body = CartoonHead.Build();
            _head = body.transform;
        }
        // Components wake up only once all is set.
        body.SetActive(false);
        var voice = new GameObject("Voice");
        voice.transform.SetParent(body.transform, false);
        voice.AddComponent<AudioSource>();
        _receiver = body.AddComponent<BridgeReceiver>();
        _receiver.Connection = connection;
        _receiver.Voice = voice.AddComponent<BridgeVoice>();
        _receiver.OnCaption.AddListener(text => _caption = text);
        body.AddComponent<FaceDriver>().Receiver = _receiver;
        if (character != null) body.AddComponent<BodyDriver>().Receiver = _receiver;
        body.SetActive(true);
        PlaceCamera(Face(body));
    }

    void LateUpdate()
    {
        if (_head == null || _receiver.Layout == null) return;
        var bone = System.Array.IndexOf(_receiver.Layout.Bones, "Head");
        if (bone < 0) return;
        var turn = _receiver.Pose.Bones[bone];
        _head.localRotation = new Quaternion((float)turn.X, (float)turn.Y, (float)turn.Z, (float)turn.W);
    }

    void OnGUI()
    {
        GUILayout.BeginArea(new Rect(20, 20, 520, 120));
        GUILayout.Label(_receiver.Status);
        GUILayout.BeginHorizontal();
        _line = GUILayout.TextField(_line, GUILayout.Width(380));
        if (GUILayout.Button("Say")) _receiver.Say(_line);
        if (GUILayout.Button("Stop")) _receiver.StopSpeaking();
        GUILayout.EndHorizontal();
        GUILayout.Label(_caption);
        GUILayout.EndArea();
    }

    /// <summary>Where the face is: a Humanoid's head, otherwise the object itself.</summary>
    static Vector3 Face(GameObject body)
    {
        var animator = body.GetComponentInChildren<Animator>();
        var head = animator != null && animator.isHuman ? animator.GetBoneTransform(HumanBodyBones.Head) : null;
        return head == null ? body.transform.position : head.position;
    }

    /// <summary>The character looks along +Z; the scene's camera, or a new one, stands there and looks back.</summary>
    static void PlaceCamera(Vector3 face)
    {
        var camera = Camera.main;
        if (camera == null)
        {
            var stand = new GameObject("Camera") { tag = "MainCamera" };
            camera = stand.AddComponent<Camera>();
            stand.AddComponent<AudioListener>();
        }
        camera.fieldOfView = 30;
        camera.nearClipPlane = 0.05f;
        camera.transform.position = face + new Vector3(0, 0, 1.2f);
        camera.transform.rotation = Quaternion.Euler(0, 180, 0);
    }
}
