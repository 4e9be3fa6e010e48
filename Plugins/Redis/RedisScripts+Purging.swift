extension RedisScripts {
    /// Lets go of some of what is past its time.
    ///
    /// `ARGV`: prefix, identity, now, before when a record must have expired, before when a trace must have
    /// been left, how many of each at most. The sorted sets only say where to look: what has changed since is
    /// looked at, and left alone. Answers how many were let go.
    static let purge = RedisScript(name: "purge", source: preamble + finding + removing + passing)

    private static let finding = #"""
        local expired_before, left_before, limit = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
        local function place_of(mark)
          local length = mark:byte(18)
          local place = { kind = mark:sub(1, 1), id = mark:sub(2, 17) }
          place.ns, place.key = mark:sub(19, 18 + length), mark:sub(19 + length)
          place.name = name_of(place.ns, place.key)
          place.head, place.list = place.name .. ':h', place.name .. ':l'
          return place
        end

        local function record_at(place)
          if place.id == zero then return document_of(redis.call('HGET', place.head, 'v') or nil) end
          local low, high = '[' .. place.id, '(' .. place.id .. '\255'
          local found = redis.call('ZRANGEBYLEX', place.list, low, high, 'LIMIT', 0, 1)
          return found[1] and item_of(found[1])
        end

        local function time_of(record)
          return math.max(struct.unpack('>I6', record.version), record.expires)
        end

        """#

    private static let removing = #"""
        -- A tombstone keeps version and expiry, so that no late replay of an older version comes back.
        local function bury(place, record)
          local flags = record.flags % 2 + 2
          if place.id == zero then
            local meta = redis.call('HGET', place.head, 'v')
            redis.call(
              'HSET', place.head, 'v', meta:sub(1, 16) .. string.char(flags) .. meta:sub(18), 'd', '')
          else
            local text = record.text
            local kind = text:byte(17) - record.flags + flags
            redis.call('ZREM', place.list, text)
            redis.call(
              'ZADD', place.list, '0', place.id .. string.char(kind) .. text:sub(18, record.value_at - 1))
          end
          redis.call('ZADD', prefix .. 'traces', whole(time_of(record)), mark_of('R', place, place.id))
        end

        -- A key of which nothing is left goes as a whole.
        local function tidy(place)
          local head = redis.call('HMGET', place.head, 'f', 'v')
          if head[1] or head[2] or redis.call('EXISTS', place.list) == 1 then return end
          redis.call('DEL', place.head)
          local index = prefix .. 'keys:' .. place.ns
          redis.call('ZREM', index, place.key)
          if redis.call('EXISTS', index) == 0 then redis.call('ZREM', prefix .. 'names', place.ns) end
        end

        local function remove(place, record)
          if place.id == zero then
            redis.call('HDEL', place.head, 'v', 'd')
          else
            redis.call('ZREM', place.list, record.text)
            if redis.call('HGET', place.head, 'l') == place.id then
              local last = redis.call('ZREVRANGE', place.list, 0, 0)[1]
              if last then
                redis.call('HSET', place.head, 'l', last:sub(1, 16))
              else
                redis.call('HDEL', place.head, 'l')
              end
            end
          end
          tidy(place)
        end

        """#

    private static let passing = #"""
        local count = 0
        local function each(name, before, visit)
          local before_text = '(' .. whole(before)
          local marks = redis.call('ZRANGEBYSCORE', prefix .. name, '-inf', before_text, 'LIMIT', 0, limit)
          for _, mark in ipairs(marks) do
            local time = visit(place_of(mark))
            count = count + 1
            if time then
              redis.call('ZADD', prefix .. name, whole(time), mark)
            else
              redis.call('ZREM', prefix .. name, mark)
            end
          end
        end

        each('expiring', expired_before, function(place)
          local record = record_at(place)
          if not record or record.flags >= 2 or record.expires == 0 then return nil end
          if record.expires >= expired_before then return record.expires end
          bury(place, record)
          return nil
        end)

        each('traces', left_before, function(place)
          if place.kind == 'F' then
            local noted = redis.call('HGET', place.head, 'n')
            if not noted then return nil end
            if tonumber(noted) >= left_before then return tonumber(noted) end
            redis.call('HDEL', place.head, 'f', 'n')
            tidy(place)
            return nil
          end
          local record = record_at(place)
          if not record or record.flags < 2 then return nil end
          if time_of(record) >= left_before then return time_of(record) end
          remove(place, record)
          return nil
        end)
        return count
        """#
}
