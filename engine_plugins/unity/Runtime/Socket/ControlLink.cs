using System;
using System.Text;
using AvatarBridge.Core;

namespace AvatarBridge.Sockets
{
    /// <summary>`/ws/control`: what is said, stopped and tuned, and the desk that shows how it stands. For one thread.</summary>
    public sealed class ControlLink : IDisposable
    {
        readonly BridgeSocket _socket;
        long _id;

        public ControlLink(Uri address, string token)
        {
            _socket = new BridgeSocket(address, token);
        }

        public Desk Desk { get; } = new Desk();

        /// <summary>Whether the bridge listens and has told how things stand.</summary>
        public bool IsReady
        {
            get { return _socket.IsOpen && Desk.Revision >= 0; }
        }

        /// <summary>Take what the bridge has said. To be called each frame.</summary>
        public void Poll()
        {
            ReceivedMessage message;
            while (_socket.Poll(out message))
            {
                if (message.Kind == ReceivedKind.Text) Desk.Receive(Encoding.UTF8.GetString(message.Data, 0, message.Length));
                else if (message.Kind == ReceivedKind.Closed) Desk.Disconnected();
                _socket.Recycle(message);
            }
        }

        /// <summary>Say a line; an empty language or emotion leaves the choice to the bridge.</summary>
        public void Say(string text, string language = "", string emotion = "", bool interrupt = false)
        {
            _socket.Send(ControlMessages.Say(text, language, emotion, interrupt, ++_id));
        }

        /// <summary>Say no more.</summary>
        public void Stop()
        {
            _socket.Send(ControlMessages.Stop(++_id));
        }

        public void Set(string path, double value)
        {
            _socket.Send(ControlMessages.Set(path, value, ++_id));
        }

        public void Choose(string path, string choice)
        {
            _socket.Send(ControlMessages.Choose(path, choice, ++_id));
        }

        public void Undo()
        {
            _socket.Send(ControlMessages.Undo(++_id));
        }

        public void Redo()
        {
            _socket.Send(ControlMessages.Redo(++_id));
        }

        /// <summary>Keep the rig as it was tuned.</summary>
        public void Save()
        {
            _socket.Send(ControlMessages.Save(++_id));
        }

        public void Dispose()
        {
            _socket.Dispose();
        }
    }
}
