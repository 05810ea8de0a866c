/** Passphrases and names of accounts, drawn from common English words that are told apart by ear and by eye. */
import { randomInt } from 'node:crypto'

/** Draws a whole number from 0 up to below `below`. */
export type Draw = (below: number) => number

const text = `
acorn actor adobe agent alarm album alley almond alpine amber anchor angle ankle antler apple april apron arbor arch arctic
arena argon armor arrow artist ash aspen atlas atom attic august autumn avenue award azure bacon badge badger bagel bakery
balcony ballad ballet bamboo banana banjo banner barber barge barley barn barrel basil basin basket baton bay beach beacon
beaker beaver beech beetle bell belt bench berry bicycle birch biscuit bishop bison blanket blazer bloom blossom blue board
boat bonfire bonnet book boot border bottle boulder bowl box bracket braid branch brass bread breeze brick bridge bright
brisk bronze brook broom brush bubble bucket buckle budget buffalo bugle bulb bundle bunker burrow bus butter button cabin
cable cactus cake camel camera campus canal canary candle canoe canopy canvas canyon captain caravan carbon card cargo
carpet carrot cart carve castle cattle cave cedar cello cement chair chalk chapel charm chart cheese cherry chess chest
chestnut chief chimney chisel choir cider cinema circle circus citrus city clamp clarinet clay clever cliff clock cloud
clover clown club coach coast cobalt cobra cocoa coconut coffee coin collar comet comic compass concert condor cookie copper
coral corner cotton couch cougar council county cousin cover coyote crab cradle crane crater crayon cream creek cricket
crimson crisp crocus crop crow crown crystal cube cuckoo cup curtain cushion cycle cymbal cypress daisy dance dawn deck deer
delta denim depot desert desk detail dial diamond diary dinner dolphin domino donkey door dove dragon drama drawer dream
dress drift drum duck dune dusk eagle early earth easel east echo eclipse editor eight elbow elder elegant elephant elk elm
ember emerald empire engine envoy epoch equal estate evening event exact fabric falcon family farm fast feast feather fern
ferry fiber fiddle field fiesta fig figure film finch fir fire fish five fjord flag flame flannel flask fleet flint float
flock floor flora flour flower flute foam fog folder forest forge fork fossil fountain fox frame freckle fresh friday friend
frog frost fruit fudge funnel galaxy gallery galley game garage garden garlic garnet gate gazelle gecko gentle geyser giant
ginger giraffe glacier glad glass glider globe glove glow goat gold golf goose gorge grain granite grape graph grass gravel
green grid grove guest guide guitar gull habit hail hammer hammock hamper harbor harvest hat hatch hawk hazel heart hedge
helmet herb hero heron hickory hill hinge hive hobby hockey holiday holly honey hood hoof hook horizon horn hotel house human
humble hurdle husky hut hydrant ice icicle igloo inch indigo ink inlet insect iris iron island ivory ivy jacket jaguar jam
january jar jasmine jazz jelly jersey jewel jigsaw joker journal journey judge juice july jumbo jungle junior juniper jury
kayak kennel kernel kettle keyboard kidney kimono kind king kiosk kitchen kite kitten kiwi koala label lace ladder lagoon
lake lamp lantern larch lark laser latch lava lawn leaf league leather ledge legend lemon lentil leopard letter lettuce level
library light lilac lily lime linen lion lizard llama lobby lobster lodge loft log lotus lucky lumber lunar lunch lute lynx
machine magnet magpie mammoth mango manor map maple marble march margin marina market marlin maroon marsh mask meadow medal
melody melon member memory mentor menu merit metal meteor metro mill mimosa mineral mint minute mirror misty mitten mobile
model modest molar moment monday monkey month moon moose morning mosaic moss motel moth motor mountain mouse mouth mug mule
mural muscle museum music mustard napkin narrow nation native nectar needle nephew nest nettle neutral nickel night nine
noble noodle north notebook novel november nugget number nurse nutmeg oak oasis oat ocean october octopus office olive
onion opal opera optic orange orbit orchard orchid organ origin ostrich otter outfit oval oven owl oxygen oyster paddle page
paint palace palm panda panel panther papaya paper parade parcel park parrot parsley pasta pastel patch path patio pattern
peach peacock peak peanut pearl pebble pecan pelican pencil penguin pepper perfume petal phone photo piano picnic pigeon
pillow pilot pine pink pioneer pipe pirate pistachio pixel pizza planet plank plate plaza plenty plum pocket poem poet polar
polite pond pony poplar poppy porch port postcard potato potter prairie prism profit prompt proof prune public puddle pulley
pulp pump puppet purple puzzle python quail quarry quartz queen quick quiet quill quilt quiver rabbit raccoon radar radio
radish raft rail rain raisin ramp ranch random rapid raven razor recipe record reef reindeer relay remote rescue resin
rhythm ribbon rice ridge ring ripple river road robin robot rocket rodeo roof room rooster root rope rose round royal rubber
ruby rudder rug ruler rumba runner rural rustic saddle saffron sage sail salad salmon salt sand sapling sardine satin
saturn sauce scarf scenic school science scooter scout sculptor seal season second sedan seed senior seven shade shadow shark
shelf shell shelter sheriff shield shine shirt shoe shore shovel shrimp shrub siesta signal silk silver simple singer sister
six skate sketch ski skirt sky slate sled sleeve slice slipper slope smile smoke snail snow soap soccer social sock soda sofa
soft solar solid sonar song soup south space spark sparrow speaker sphere spice spider spinach spiral sponge spoon sport
spring sprout spruce square squid squirrel stable stadium stamp star statue steam steel stem step stereo stone stool stork
storm story stove straw stream street string studio sugar suit summer summit sunday sunny sunset surf swallow swan sweater
swift swing symbol syrup table tablet talent tango tapir target tavern tea teacher temple ten tennis tent theater thimble
thistle three thumb thunder ticket tidal tiger timber tinsel toast today tomato topaz torch tortoise total toucan towel tower
town toy track tractor trail train travel tray treaty tree trellis tribe trout truck trumpet trunk tuba tulip tuna tundra
tunnel turbine turkey turnip turtle tutor twelve twig twin ultra umbrella uncle union unit upper urban usher valley vanilla
vapor vase vault velvet vendor venue verse vessel vest viaduct video village vine vinegar viola violet violin visitor vivid
volcano volume voyage waffle wagon walnut walrus wander warm water wave wealth wedge west whale wheat wheel whisk whistle
white wicker widget willow wind window winner winter wizard wolf wonder wood wool wooden world wren wrist writer yacht yard
yarn year yellow yogurt young zebra zenith zero zigzag zinc zipper zone
`

export const words: readonly string[] = text.trim().split(/\s+/)

/** So many words of them make more than 68 bits, of which scrypt makes a guess dear. */
const passphraseWords = 7

export function drawPassphrase(draw: Draw = randomInt): string {
  return Array.from({ length: passphraseWords }, () => drawWord(draw)).join(' ')
}

/** Two words and four digits: `maple-otter-4821`. */
export function drawAccountName(draw: Draw = randomInt): string {
  return `${drawWord(draw)}-${drawWord(draw)}-${1000 + draw(9000)}`
}

const drawWord = (draw: Draw): string => words[draw(words.length)]!
