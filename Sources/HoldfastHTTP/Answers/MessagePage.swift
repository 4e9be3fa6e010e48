internal import Holdfast
internal import HoldfastModel
internal import NIOCore

/// The text of a page of messages, written in one pass into the memory that goes out.
///
/// A history is what is read most, and a message has little beside its JSON: a frame whose size is known. So the memory is
/// asked for once, at its full size, and nothing of the page is copied again. What comes out is what `JSONBody` writes,
/// which takes the pages that this does not.
struct MessagePage {
    /// What a message takes beside its JSON, a comma and an edit included.
    private static let frameByteCount = 170
    /// What a page takes beside its messages.
    private static let edgeByteCount = 64

    private let messages: [Message]
    private let next: Version?
    private let byteCountMax: Int

    /// Looks at a page; there is nothing for one that is too long to be in memory whole, or has a message that is no JSON.
    ///
    /// - Parameters:
    ///   - messages: in the order of the page.
    ///   - next: what the page that follows is asked for with.
    init?(_ messages: [Message], next: Version?) {
        var byteCount = Self.edgeByteCount
        let span = messages.span
        for index in span.indices {
            guard span[index].format == .json, !span[index].json.isEmpty,
                TimeWords.milliseconds.contains(Int64(span[index].id.milliseconds)),
                TimeWords.milliseconds.contains(Int64(span[index].version.milliseconds))
            else { return nil }
            byteCount += span[index].json.count + Self.frameByteCount
        }
        guard byteCount <= Reply.wholeByteCountMax else { return nil }
        self.messages = messages
        self.next = next
        byteCountMax = byteCount
    }

    /// `{"data":[…],"next":"…"}`.
    var buffer: ByteBuffer {
        ByteBuffer(initialCapacity: byteCountMax) { text in
            text.append(text: #"{"data":["#)
            var times = TimeWords()
            let span = messages.span
            for index in span.indices {
                if index > 0 { text.append(UInt8(ascii: ",")) }
                Self.write(span[index], &times, to: &text)
            }
            text.append(text: #"],"next":"#)
            if let next {
                text.append(UInt8(ascii: "\""))
                text.append(hex: next.hexWords)
                text.append(text: #""}"#)
            } else {
                text.append(text: "null}")
            }
        }
    }

    private static func write(
        _ message: borrowing Message, _ times: inout TimeWords, to text: inout OutputRawSpan
    ) {
        let id = message.id.hexWords
        text.append(text: #"{"id":""#)
        text.append(hex: id)
        text.append(text: #"","version":""#)
        if message.version == message.id {
            text.append(hex: id)
            text.append(text: #"","time":""#)
            text.append(time: times.words(of: message.time))
        } else {
            text.append(hex: message.version.hexWords)
            text.append(text: #"","time":""#)
            text.append(time: times.words(of: message.time))
            text.append(text: #"","editedAt":""#)
            text.append(time: times.words(of: Timestamp(message.version)))
        }
        text.append(text: #"","value":"#)
        text.append(message.json)
        text.append(UInt8(ascii: "}"))
    }
}

extension OutputRawSpan {
    @inline(__always) fileprivate mutating func append(hex words: InlineArray<4, UInt64>) {
        for index in words.indices { append(word: words[index]) }
    }

    @inline(__always) fileprivate mutating func append(time words: InlineArray<3, UInt64>) {
        for index in words.indices { append(word: words[index]) }
    }
}
