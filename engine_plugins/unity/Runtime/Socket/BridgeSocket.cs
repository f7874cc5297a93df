using System;
using System.Collections.Generic;
using System.Net.WebSockets;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using AvatarBridge.Core;

namespace AvatarBridge.Sockets
{
    /// <summary>
    /// A WebSocket that connects again by itself. Its own task reads and writes; whoever owns it polls what came, on any one
    /// thread, and never waits. A reader that is slow makes the bridge wait, which then resynchronises it.
    /// </summary>
    public sealed class BridgeSocket : IDisposable
    {
        const int LargestMessage = 1 << 20;
        const int MostWaiting = 1024;
        const int MostUnsent = 256;
        const int RestMs = 20;
        const int ConnectMs = 5000;
        const int FirstBufferBytes = 4096;

        readonly Uri _address;
        readonly string _token;
        readonly int _silenceMs;
        readonly CancellationTokenSource _ending = new CancellationTokenSource();
        readonly Random _random = new Random();
        readonly object _lock = new object();
        readonly Queue<ReceivedMessage> _received = new Queue<ReceivedMessage>();
        readonly Stack<byte[]> _free = new Stack<byte[]>();
        readonly Queue<string> _unsent = new Queue<string>();
        readonly SemaphoreSlim _toSend = new SemaphoreSlim(0);
        volatile string _lastError = "";
        volatile bool _isOpen;

        /// <summary>
        /// Connect to <paramref name="address"/> (ws:// or wss://), with the server's token where it has one. A connection on which
        /// nothing comes for <paramref name="silenceMs"/> is given up; without it, none is.
        /// </summary>
        public BridgeSocket(Uri address, string token, int silenceMs = Timeout.Infinite)
        {
            _address = address;
            _token = token;
            _silenceMs = silenceMs;
            Task.Run(Run);
        }

        public bool IsOpen
        {
            get { return _isOpen; }
        }

        /// <summary>Why the last connection ended or could not be made, in words; empty while there was none.</summary>
        public string LastError
        {
            get { return _lastError; }
        }

        /// <summary>Take the next message, if there is one.</summary>
        public bool Poll(out ReceivedMessage message)
        {
            lock (_lock)
            {
                var isThere = _received.Count > 0;
                message = isThere ? _received.Dequeue() : default(ReceivedMessage);
                return isThere;
            }
        }

        /// <summary>The bytes of a message polled are read.</summary>
        public void Recycle(ReceivedMessage message)
        {
            if (message.Data == null) return;
            lock (_lock) _free.Push(message.Data);
        }

        /// <summary>Send a text message, if there is a connection; nobody waits for one.</summary>
        public void Send(string text)
        {
            if (!_isOpen) return;
            lock (_lock)
            {
                if (_unsent.Count == MostUnsent) return;
                _unsent.Enqueue(text);
            }
            _toSend.Release();
        }

        public void Dispose()
        {
            _ending.Cancel();
        }

        async Task Run()
        {
            for (var attempt = 0; !_ending.IsCancellationRequested; attempt++)
            {
                if (await Connection()) attempt = 0;
                if (_ending.IsCancellationRequested) return;
                await Rest((int)Backoff.Milliseconds(attempt, _random.NextDouble()));
            }
        }

        /// <summary>One connection from its beginning to its end; whether there was one.</summary>
        async Task<bool> Connection()
        {
            var wasOpen = false;
            using (var socket = new ClientWebSocket())
            using (var over = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token))
            {
                try
                {
                    await Connect(socket, over.Token);
                    wasOpen = true;
                    var sending = SendAll(socket, over.Token);
                    await ReceiveAll(socket, over);
                    over.Cancel();
                    await sending;
                }
                catch (Exception error)
                {
                    // The boundary of the task: whatever ends a connection is told, and the next one is tried.
                    _lastError = wasOpen && over.IsCancellationRequested ? "the bridge has fallen silent" : error.GetBaseException().Message;
                    over.Cancel();
                }
            }
            _isOpen = false;
            if (wasOpen) Queue(new ReceivedMessage { Kind = ReceivedKind.Closed });
            return wasOpen;
        }

        async Task Connect(ClientWebSocket socket, CancellationToken end)
        {
            if (!string.IsNullOrEmpty(_token)) socket.Options.SetRequestHeader("Authorization", "Bearer " + _token);
            using (var patience = CancellationTokenSource.CreateLinkedTokenSource(end))
            {
                patience.CancelAfter(ConnectMs);
                await socket.ConnectAsync(_address, patience.Token);
            }
            lock (_lock) _unsent.Clear();
            _isOpen = true;
            _lastError = "";
            Queue(new ReceivedMessage { Kind = ReceivedKind.Opened });
        }

        async Task ReceiveAll(ClientWebSocket socket, CancellationTokenSource over)
        {
            while (true)
            {
                over.CancelAfter(Timeout.Infinite);
                while (IsFull) await Rest(RestMs);
                over.CancelAfter(_silenceMs);
                var message = new ReceivedMessage { Data = Buffer() };
                WebSocketReceiveResult result;
                do
                {
                    if (message.Length == message.Data.Length) Array.Resize(ref message.Data, Larger(message.Length));
                    var room = new ArraySegment<byte>(message.Data, message.Length, message.Data.Length - message.Length);
                    result = await socket.ReceiveAsync(room, over.Token);
                    message.Length += result.Count;
                } while (!result.EndOfMessage);
                if (result.MessageType == WebSocketMessageType.Close)
                {
                    _lastError = string.IsNullOrEmpty(result.CloseStatusDescription) ? "the bridge has closed" : result.CloseStatusDescription;
                    return;
                }
                message.Kind = result.MessageType == WebSocketMessageType.Text ? ReceivedKind.Text : ReceivedKind.Binary;
                Queue(message);
            }
        }

        async Task SendAll(ClientWebSocket socket, CancellationToken end)
        {
            try
            {
                while (true)
                {
                    await _toSend.WaitAsync(end);
                    var text = NextUnsent();
                    if (text == null) continue;
                    var bytes = new ArraySegment<byte>(Encoding.UTF8.GetBytes(text));
                    await socket.SendAsync(bytes, WebSocketMessageType.Text, true, end);
                }
            }
            catch (Exception)
            {
                // Reading fails as well, and says why.
            }
        }

        async Task Rest(int milliseconds)
        {
            try
            {
                await Task.Delay(milliseconds, _ending.Token);
            }
            catch (OperationCanceledException)
            {
                // Run sees it.
            }
        }

        string NextUnsent()
        {
            lock (_lock) return _unsent.Count > 0 ? _unsent.Dequeue() : null;
        }

        bool IsFull
        {
            get { lock (_lock) return _received.Count >= MostWaiting && !_ending.IsCancellationRequested; }
        }

        void Queue(ReceivedMessage message)
        {
            lock (_lock) _received.Enqueue(message);
        }

        byte[] Buffer()
        {
            lock (_lock) return _free.Count > 0 ? _free.Pop() : new byte[FirstBufferBytes];
        }

        static int Larger(int length)
        {
            if (length >= LargestMessage) throw new WebSocketException("a message is larger than this reads");
            return 2 * length;
        }
    }
}
